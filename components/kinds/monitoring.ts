/** The kinds of the Prometheus operator: only the fields that we emit, under upstream's names. */

/** prometheus-operator `pkg/apis/monitoring/v1/podmonitor_types.go`. */
export interface PodMonitorSpec {
  readonly selector: {
    readonly matchLabels?: Readonly<Record<string, string>>;
    readonly matchExpressions?: readonly {
      readonly key: string;
      readonly operator: "In";
      readonly values: readonly string[];
    }[];
  };
  readonly podMetricsEndpoints: readonly [PodMetricsEndpoint];
}

export interface PodMetricsEndpoint {
  /** Name of a port that a container declares. */
  readonly port: string;
  readonly path: string;
  readonly interval: string;
  /** Keeps a metric's own label `namespace`, which the pod's would otherwise replace. */
  readonly honorLabels: true;
  readonly relabelings?: readonly {
    readonly sourceLabels: readonly string[];
    readonly regex: string;
    readonly targetLabel: string;
    readonly replacement: string;
  }[];
}

/** prometheus-operator `pkg/apis/monitoring/v1/prometheusrule_types.go`. */
export interface PrometheusRuleSpec {
  readonly groups: readonly { readonly name: string; readonly rules: readonly AlertRule[] }[];
}

export interface AlertRule {
  readonly alert: string;
  readonly expr: string;
  /** How long the expression must hold: a duration of Prometheus. */
  readonly for?: string;
  readonly labels: { readonly severity: "critical" | "warning" };
  readonly annotations: { readonly summary: string; readonly description: string };
}
