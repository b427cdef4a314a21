/** Invalid logins, mirrors, certificate authorities and proxies, and their errors. */
import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { parse } from "yaml";
import { describeErrors } from "../../components/settings/errors.ts";
import { parseConfig } from "../../components/settings/parse.ts";
import type { Config } from "../support/declare.ts";
import { root, secretsFor, smallConfig } from "../support/declare.ts";
import { invalidPaths, inShop } from "../support/rules.ts";

/** The certificate of the stack file with every option. */
const { config } = parse(readFileSync(join(root, "test/expected/everything.yaml"), "utf8")) as {
  config: { "argo-cicd:network": { ca: string } };
};
const { ca } = config["argo-cicd:network"];

/** Path, value, rule and fix of each error of a small stack with these keys. */
function errors(differences: Config): string[] {
  return parseConfig(smallConfig(differences)).errors.map(({ path, value, rule, fix }) =>
    [path, ...(value === undefined ? [] : [JSON.stringify(value)]), rule, fix].join(" | "),
  );
}

const hub = { namespace: "team", username: "robot" };
const withPasswords = (...hosts: string[]) => ({
  ...secretsFor(smallConfig()),
  registries: Object.fromEntries(hosts.map((host) => [host, `secret password of ${host}`])),
});

describe("registries to pull from", () => {
  it("may have a login, a mirror or plain HTTP", () => {
    const registries = {
      "docker.io": { username: "puller", applications: true },
      "ghcr.io": { mirror: "mirror.example.com:5000/ghcr" },
      "mirror.example.com:5000": { insecure: true },
    };
    assert.deepEqual(errors({ registries, secrets: withPasswords("docker.io") }), []);
  });

  it("must have a key that has an effect, and none without", () => {
    assert.deepEqual(
      errors({ registries: { "ghcr.io": {}, "quay.io": { applications: true, mirror: "m.example.com" } } }),
      [
        'registries["ghcr.io"] | a registry needs a username, a mirror or insecure: true | add one of them, or remove the host',
        'registries["quay.io"].applications | true | without a username there is no login for pods to pull with | add username, or remove the key',
      ],
    );
  });

  it("must be named as in image references", () => {
    assert.deepEqual(errors({ registries: { "https://ghcr.io": { insecure: true } } }), [
      'registries["https://ghcr.io"] | the key must be a registry host with an optional port, without https:// and without a path | change it to a name like registry.acceler.kr:30500',
    ]);
    for (const host of ["GHCR.io", "ghcr.io/acme", "user@ghcr.io", ""])
      assert.equal(errors({ registries: { [host]: { insecure: true } } }).length, 1, host);
    for (const host of ["index.docker.io", "registry-1.docker.io", "hub.docker.com", "index.docker.io:443"]) {
      assert.deepEqual(errors({ registries: { [host]: { mirror: "mirror.example.com" } } }), [
        `registries["${host}"] | "${host}" | in image names, Docker Hub is docker.io | write docker.io`,
      ]);
    }
    assert.deepEqual(invalidPaths({ registries: { harbor: { insecure: true } } }), ["registries.harbor"]);
    assert.deepEqual(invalidPaths({ registries: { "docker.io": { insecure: true } } }), [
      'registries["docker.io"].insecure',
    ]);
  });

  it("occur once, with or without the port of HTTPS", () => {
    const one = { mirror: "mirror.example.com" };
    assert.deepEqual(errors({ registries: { "ghcr.io": one, "ghcr.io:443": one } }), [
      'registries["ghcr.io:443"] | "ghcr.io:443" | a registry may occur only once; the first is registries["ghcr.io"] | remove one of the two',
    ]);
    assert.deepEqual(invalidPaths({ registries: { "ghcr.io:5000": one, "ghcr.io:5001": one } }), []);
  });

  it("must be mirrored by another registry", () => {
    const mirrored = (mirror: string) => errors({ registries: { "docker.io": { mirror } } });
    assert.deepEqual(mirrored("docker.io/library"), [
      'registries["docker.io"].mirror | "docker.io/library" | a mirror must be another registry | name the host of the mirror',
    ]);
    assert.deepEqual(mirrored("registry-1.docker.io"), [
      'registries["docker.io"].mirror | "registry-1.docker.io" | in image names, Docker Hub is docker.io | write docker.io',
    ]);
    assert.deepEqual(mirrored("mirror/hub"), [
      'registries["docker.io"].mirror | "mirror/hub" | without a dot or a port, it is read as a Docker Hub namespace | write the registry\'s full name, or add its port',
    ]);
    for (const wrong of [
      "https://mirror.example.com",
      "mirror.example.com/",
      "mirror.example.com/A",
      "mirror.example.com/a//b",
    ]) {
      assert.deepEqual(mirrored(wrong), [
        `registries["docker.io"].mirror | ${JSON.stringify(wrong)} | a host with an optional port and path, without https:// and without a / at the end | write it like mirror.example.com/docker-hub`,
      ]);
    }
    for (const right of ["mirror.gcr.io", "mirror.example.com:5000/a/b.c__d-e"])
      assert.deepEqual(mirrored(right), []);
  });

  it("must not repeat the login and the protocol of `registry`", () => {
    const registry = { host: "registry.example.com", namespace: "team" };
    const registries = { "registry.example.com": { username: "a", insecure: true } };
    assert.deepEqual(errors({ registry, registries, secrets: withPasswords("registry.example.com") }), [
      'registries["registry.example.com"].username | "a" | registry.username sets this for pushes and pulls | remove the key, and set registry.username if it is missing',
      'registries["registry.example.com"].insecure | true | registry.insecure sets this for pushes and pulls | remove the key, and set registry.insecure if it is missing',
    ]);
    const twice = { "docker.io": { username: "other" } };
    assert.deepEqual(
      invalidPaths({ registry: hub, registries: twice, secrets: withPasswords("docker.io") }),
      ['registries["docker.io"].username'],
    );
    const mirrored = { "docker.io": { mirror: "mirror.example.com" } };
    assert.deepEqual(invalidPaths({ registry: hub, registries: mirrored }), []);
  });

  it("need a password for each login, and for no other host", () => {
    const registries = { "docker.io": { username: "puller" }, "quay.io": { mirror: "mirror.example.com" } };
    assert.deepEqual(errors({ registries }), [
      'secrets.registries["docker.io"] | a secret without a value | pulumi config set --secret --path \'secrets.registries["docker.io"]\'',
    ]);
    assert.deepEqual(errors({ registries, secrets: withPasswords("docker.io", "quay.io", "docker.oi") }), [
      'secrets.registries["quay.io"] | no `username` in `registries` uses this password | remove it',
      'secrets.registries["docker.oi"] | no `username` in `registries` uses this password | did you mean docker.io?',
    ]);
  });
});

describe("an external login", () => {
  it("needs no user and no password, also on Docker Hub", () => {
    const secrets = { ...secretsFor(smallConfig()), registryPassword: undefined };
    assert.deepEqual(errors({ registry: { namespace: "team", login: "external" }, secrets }), []);
  });

  it("excludes logins of the stack file", () => {
    assert.deepEqual(
      errors({
        registry: { ...hub, email: "a@example.com", login: "external" },
        registries: { "ghcr.io": { username: "puller" } },
        secrets: withPasswords("ghcr.io"),
      }),
      [
        'registry.username | "robot" | with registry.login: external the Secret holds the login | remove the key, or write login: password',
        'registry.email | "a@example.com" | with registry.login: external the Secret holds the login | remove the key, or write login: password',
        'registries["ghcr.io"].username | "puller" | with registry.login: external the Secret regcred holds every login, and this program adds none to it | remove the key, and add this login where the Secret is created',
      ],
    );
  });
});

describe("the repository of all charts", () => {
  const of = (charts: unknown) => errors({ network: { charts } });
  const rule =
    "a Helm chart repository at https:// or oci://, in lower case except for the path of an https:// address | write it like https://charts.example.com or oci://ghcr.io/acme";

  it("must be an address by https or oci, without a login", () => {
    for (const charts of ["https://charts.example.com/a/", "oci://registry.example.com:5000/charts"])
      assert.deepEqual(of(charts), []);
    const { settings } = parseConfig(smallConfig({ network: { charts: "oci://ghcr.io/acme/" } }));
    assert.equal(settings?.network.charts, "oci://ghcr.io/acme");
    const unlikeHelm = [
      "OCI://ghcr.io/acme",
      "oci://ghcr.io/Acme",
      "oci://ghcr.io/~acme",
      "oci://ghcr.io/a/..",
    ];
    for (const charts of [
      "charts",
      "http://charts.example.com",
      "",
      "https://a.example/a/../b",
      ...unlikeHelm,
    ])
      assert.deepEqual(of(charts), [`network.charts | ${JSON.stringify(charts)} | ${rule}`]);
    // A possible password is not shown.
    assert.deepEqual(of("https://user:word@charts.example.com"), [
      "network.charts | an address without a login, which would be in plain text here | remove the part before the @ and the @ itself",
    ]);
    assert.match(of("oci://256.1.1.1/charts").join(), /a URL with a valid host and port/);
  });
});

describe("private certificate authorities", () => {
  const of = (text: string) => errors({ network: { ca: text } });

  it("must be certificates in PEM format; other text is dropped", () => {
    const windows = `# our authority\r\n${ca.replaceAll("\n", "\r\n")}\r\n${ca}`;
    const { settings } = parseConfig(smallConfig({ network: { ca: windows } }));
    assert.equal(settings?.network.ca, ca + ca);
  });

  it("must be complete", () => {
    const rule =
      "certificates in PEM, each from -----BEGIN CERTIFICATE----- to -----END CERTIFICATE----- | write the authority's file after `ca: |`, every line indented; convert a DER file with `openssl x509 -inform der -in FILE`";
    for (const text of [
      "",
      "/etc/ssl/ca.crt",
      ca.replace("-----END CERTIFICATE-----", ""),
      ca + ca.slice(0, 100),
    ]) {
      const [first = "", ...more] = of(text);
      assert.ok(first.startsWith("network.ca | ") && first.endsWith(` | ${rule}`), first);
      assert.deepEqual(more, []);
    }
    const [first = "", ...more] = of(ca.replace(/\nMII[^\n]*/, "\nMIIB"));
    assert.match(
      first,
      / \| valid certificates in PEM \| copy the file again; `openssl x509 -noout -text -in FILE` must be able to read it$/,
    );
    assert.deepEqual(more, []);
  });

  it("must not be a key, which is not shown", () => {
    const pair = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const key = pair.privateKey.export({ type: "sec1", format: "pem" }).toString();
    const { errors: found } = parseConfig(smallConfig({ network: { ca: ca + key } }));
    assert.deepEqual(found, [
      {
        path: "network.ca",
        rule: "a certificate, not a key",
        fix: "remove the private key, which is not needed here, and replace it: it was in plain text",
      },
    ]);
    const alone = parseConfig(smallConfig({ network: { ca: key } })).errors;
    assert.doesNotMatch(describeErrors("f", "p", alone), /BEGIN/);
  });

  it("are required if an object store uses one", () => {
    const logs = (change: Config) => ({
      builds: { logs: { endpoint: "logs.example.com", bucket: "build-logs", privateCa: true, ...change } },
    });
    const secrets = secretsFor({ ...smallConfig(), ...logs({}) });
    assert.deepEqual(errors({ ...logs({}), secrets }), [
      "builds.logs.privateCa | true | the store's authority must be in network.ca | add network.ca, or remove the key",
    ]);
    assert.deepEqual(errors({ ...logs({ insecure: true }), network: { ca }, secrets }), [
      "builds.logs.privateCa | true | a store that speaks plain HTTP has no certificate | remove privateCa or insecure",
    ]);
    assert.deepEqual(errors({ ...logs({}), network: { ca }, secrets }), []);
  });
});

describe("a proxy", () => {
  const of = (proxy: Config) => errors({ network: { proxy } });

  it("must be an address with scheme, host and port", () => {
    for (const http of ["http://proxy.example.com:3128", "https://10.0.0.1", "http://proxy/"])
      assert.deepEqual(of({ http }), [], http);
    for (const https of [
      "proxy.example.com:3128",
      "socks5://proxy.example.com",
      "http://proxy.example.com/path",
      "",
    ]) {
      assert.deepEqual(of({ https }), [
        `network.proxy.https | ${JSON.stringify(https)} | a proxy's address, of scheme, host and port | write it like http://proxy.example.com:3128`,
      ]);
    }
    assert.deepEqual(of({ noProxy: ["a.example.com"] }), [
      "network.proxy | a proxy needs an address: http, https or both | add one, or remove the key",
    ]);
  });

  it("must not have a login, which is not shown", () => {
    for (const http of ["http://user:pa55word@proxy.example.com:3128", "user:pa55word@proxy.example.com"]) {
      const { errors: found } = parseConfig(smallConfig({ network: { proxy: { http } } }));
      assert.deepEqual(found, [
        {
          path: "network.proxy.http",
          rule: "an address without a user and a password, which would be in plain text here and in every pod",
          fix: "remove them, and let the proxy accept the cluster's addresses without a login",
        },
      ]);
    }
  });

  it("is bypassed for hosts, domains and addresses", () => {
    const http = "http://proxy.example.com";
    const noProxy = [
      ".example.com",
      "*.example.com",
      "a.example.com:8080",
      "10.0.0.0/8",
      "fd00::/8",
      "10.0.0.1",
    ];
    assert.deepEqual(of({ http, noProxy }), []);
    const impossible = ["10.0.0.0/99", "300.0.0.0/8", "::1/129", "a.example.com/8"];
    for (const wrong of [
      "*",
      "a.example.com,b.example.com",
      "https://a.example.com",
      "",
      "a b",
      ...impossible,
    ]) {
      assert.deepEqual(of({ http, noProxy: [wrong] }), [
        `network.proxy.noProxy[0] | ${JSON.stringify(wrong)} | a host, a domain with a leading dot, an IP address or a range in CIDR notation | write it like .example.com or 10.0.0.0/8, each as an entry of its own`,
      ]);
    }
  });

  it("is passed to RUN by build arguments that no repository may set", () => {
    const repositories = [{ name: "web", buildArgs: ["HTTP_PROXY", "no_proxy", "PROXY"] }];
    const at = "projects.shop.repositories[0].buildArgs";
    const network = { proxy: { http: "http://proxy.example.com" } };
    assert.deepEqual(inShop({ repositories }), []);
    assert.deepEqual(inShop({ repositories }, { network }), [`${at}[0]`, `${at}[1]`]);
  });
});
