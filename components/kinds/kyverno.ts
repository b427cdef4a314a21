/** The kinds of Kyverno: only the fields that we emit, under upstream's names. */

/** kyverno/api `api/policies.kyverno.io/v1beta1/imagevalidating_policy.go`; `v1` is the same. */
export interface ImageValidatingPolicySpec {
  readonly validationActions: readonly ("Deny" | "Warn")[];
  readonly failurePolicy: "Fail" | "Ignore";
  readonly webhookConfiguration: { readonly timeoutSeconds: number };
  readonly matchConstraints: {
    readonly namespaceSelector: {
      readonly matchExpressions: readonly {
        readonly key: string;
        readonly operator: "In";
        readonly values: readonly string[];
      }[];
    };
    readonly resourceRules: readonly {
      readonly apiGroups: readonly string[];
      readonly apiVersions: readonly string[];
      readonly operations: readonly string[];
      readonly resources: readonly string[];
    }[];
  };
  /** Pod controllers that Kyverno generates the same policy for; [] for none. */
  readonly autogen: { readonly podControllers: { readonly controllers: readonly string[] } };
  /** An image that matches none of them is not checked. */
  readonly matchImageReferences: readonly { readonly expression: string }[];
  readonly credentials?: { readonly allowInsecureRegistry: true };
  readonly variables: readonly { readonly name: string; readonly expression: string }[];
  readonly attestors: readonly {
    readonly name: string;
    readonly cosign: {
      readonly key: { readonly data: string };
      readonly ctlog: { readonly insecureIgnoreTlog: true; readonly insecureIgnoreSCT: true };
    };
  }[];
  readonly attestations: readonly { readonly name: string; readonly intoto: { readonly type: string } }[];
  readonly validations: readonly { readonly expression: string; readonly message: string }[];
}
