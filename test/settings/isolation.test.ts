/** The settings of NetworkPolicies. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { canonicalRange, rangeHas } from "../../components/kinds/ranges.ts";
import { parseConfig } from "../../components/settings/parse.ts";
import { smallConfig } from "../support/declare.ts";

describe("NetworkPolicies", () => {
  const errorsOf = (networkPolicies: object) => {
    const cluster = { context: "test", storageClass: "standard", networkPolicies };
    return parseConfig(smallConfig({ cluster })).errors.map(({ path, value, rule, fix }) =>
      [path.replace("cluster.networkPolicies", ""), value, rule, fix]
        .filter((one) => one !== undefined)
        .map(String)
        .join(" | "),
    );
  };

  it("are off by default, and need the addresses of the API server if they are on", () => {
    assert.deepEqual(errorsOf({}), []);
    assert.deepEqual(errorsOf({ enabled: true, apiServer: ["192.0.2.10/32"] }), []);
    assert.deepEqual(errorsOf({ enabled: true }), [
      ".apiServer | a NetworkPolicy can name the API server only by its addresses | add those that " +
        "`kubectl get endpointslices kubernetes --namespace default` shows, each like 192.0.2.10/32",
    ]);
  });

  it("must have ranges in Kubernetes' format", () => {
    const rule = "a range of IP addresses in CIDR notation, beginning with its first address";
    const wrong = (text: string, fix: string) =>
      assert.deepEqual(errorsOf({ allow: [text] }), [`.allow[0] | ${text} | ${rule} | write it like ${fix}`]);
    wrong("10.1.2.3/8", "10.0.0.0/8");
    wrong("2001:DB8::1/32", "2001:db8::/32");
    for (const text of [
      "10.0.0.1",
      "proxy.example",
      "10.0.0.0/33",
      "10/8",
      "0x0a.0.0.0/8",
      "fe80::%eth0/64",
      "",
    ])
      assert.match(errorsOf({ allow: [text] })[0] ?? "", /write it like 192\.0\.2\.10\/32$/);
    assert.deepEqual(
      errorsOf({ allow: ["10.0.0.0/8", "192.168.5.7/32", "fd00:1::/64", "fd00:1::5/128"] }),
      [],
    );
  });

  it("must not allow the metadata addresses of clouds, which return credentials", () => {
    const rule =
      "a range without the addresses at which clouds hand out credentials (169.254.169.254, fd00:ec2::254, 168.63.129.16, 100.100.100.200) | write the smaller ranges that pods need";
    for (const text of ["0.0.0.0/0", "169.254.0.0/16", "169.254.169.254/32", "fd00::/8", "100.64.0.0/10"])
      for (const key of ["allow", "apiServer"])
        assert.deepEqual(errorsOf({ [key]: [text] }), [`.${key}[0] | ${text} | ${rule}`]);
  });

  it("must have valid ports", () => {
    const rule = "a port: a whole number from 1 to 65535 | write it like 6443";
    for (const port of [0, 65536, 1.5])
      assert.deepEqual(errorsOf({ apiServerPorts: [port] }), [
        `.apiServerPorts[0] | ${port.toString()} | ${rule}`,
      ]);
    assert.deepEqual(errorsOf({ apiServerPorts: [] }), [
      ".apiServerPorts |  | at least one port | remove the key to use the default ones",
    ]);
  });
});

describe("a range", () => {
  it("is normalized to its first address, and is either IPv4 or IPv6", () => {
    assert.equal(canonicalRange("172.31.255.255/12"), "172.16.0.0/12");
    assert.equal(canonicalRange("fd00:0:0:0::/48"), "fd00::/48");
    assert.equal(canonicalRange("text"), undefined);
    assert.equal(canonicalRange("::ffff:a00:0/104"), "10.0.0.0/8");
    assert.ok(rangeHas("172.16.0.0/12", "172.31.255.255"));
    assert.ok(!rangeHas("172.16.0.0/12", "172.32.0.0"));
    assert.ok(!rangeHas("::/0", "172.16.0.0"));
  });
});
