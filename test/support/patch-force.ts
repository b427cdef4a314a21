/**
 * The provider that is available for tests is older than the one that a stack installs: it supports the annotation
 * `pulumi.com/patchForce`, but not yet the equivalent option of the provider, `enablePatchForce`. This adds the
 * annotation to every object if the program sets the option.
 */
import * as pulumi from "@pulumi/pulumi";

/** Applies to the program that is evaluated next. Must be called inside of it. */
export function annotatePatchForce(): void {
  let option = pulumi.output<unknown>(undefined);
  pulumi.runtime.registerStackTransformation(({ type, props, opts }) => {
    const inputs = props as Inputs;
    if (type === "pulumi:providers:kubernetes") option = pulumi.output(inputs["enablePatchForce"]);
    const isOther = !type.startsWith("kubernetes:") || type.startsWith("kubernetes:helm.sh/");
    // A resource that is only read has no inputs.
    if (isOther || opts.id !== undefined) return undefined;
    const metadata = pulumi
      .all([option, inputs["metadata"]])
      .apply(([value, given]) => (String(value) === "true" ? forced(given as Metadata) : given));
    return { props: { ...inputs, metadata }, opts };
  });
}

type Inputs = Readonly<Record<string, unknown>>;

interface Metadata {
  readonly annotations?: Readonly<Record<string, string>>;
}

function forced({ annotations, ...metadata }: Metadata): Metadata {
  return { ...metadata, annotations: { ...annotations, "pulumi.com/patchForce": "true" } };
}
