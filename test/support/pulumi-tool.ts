/** The Pulumi command, at the version that the checks of pull requests use too. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Recipe } from "./go-tools.ts";
import { goTool } from "./go-tools.ts";

export function pulumiTool(): Promise<string> {
  return goTool("pulumi", pulumiRecipe());
}

export const pulumiVersion = readFileSync(join(import.meta.dirname, "../../.pulumi.version"), "utf8").trim();

/** Without clients of clouds, which take long to build: the tests keep state in a folder, with a passphrase. */
export function pulumiRecipe(): Recipe {
  return {
    module: "github.com/pulumi/pulumi/pkg/v3",
    version: `v${pulumiVersion}`,
    package: "cmd/pulumi",
    ldflags: `-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v${pulumiVersion}`,
    addedFiles: {
      ...withoutApiCommand,
      "operations/operations_aws.go": withoutLogsOf("AWS"),
      "operations/operations_gcp.go": withoutLogsOf("GCP"),
      "secrets/cloud/manager.go": withoutKeyServices,
    },
    edits: {
      "cmd/pulumi/pulumi.go": {
        '\t"github.com/pulumi/pulumi/pkg/v3/cmd/pulumi/cloud"\n': "",
        "\t\t\t\tcloud.NewAPICmd(),\n": "",
      },
      "cmd/pulumi/cloud/envelope.go": { "[]ParamSpec": "[]string" },
      "backend/diy/backend.go": {
        '\t"gocloud.dev/blob/azureblob"  // driver for azblob://\n': "",
        '\t"gocloud.dev/blob/gcsblob"    // driver for gs://\n': "",
        '\t_ "gocloud.dev/blob/s3blob"   // driver for s3://\n': "",
        '\t"github.com/pulumi/pulumi/pkg/v3/authhelpers"\n': "",
        "p.Scheme == gcsblob.Scheme": "false",
        "blobmux, err = authhelpers.GoogleCredentialsMux(ctx)": "",
        "p.Scheme == azureblob.Scheme": "false",
        [azureBucket]: "",
      },
      "backend/diy/bucket.go": {
        '\tawss3 "github.com/aws/aws-sdk-go-v2/service/s3"\n': "",
        "*awss3.CopyObjectInput": "*struct{ CopySource *string }",
      },
    },
  };
}

const azureBucket = `		blobmux.RegisterBucket(azureblob.Scheme, &azureblob.URLOpener{
			MakeClient:        azureblob.NewDefaultClient,
			ServiceURLOptions: *azureblob.NewDefaultServiceURLOptions(),
		})
`;

/**
 * Without `pulumi api`: its parser of OpenAPI specifications takes a third of a build. Other commands use only the errors
 * and the context of its package.
 */
const withoutApiCommand = Object.fromEntries(
  [
    "api",
    "describe",
    "describe_markdown",
    "list",
    "paginate",
    "pathmatch",
    "schema",
    "spec",
    "spec_fetch",
  ].map((name) => [`cmd/pulumi/cloud/${name}.go`, "package cloud\n"]),
);

/** Logs of a cloud's resources, which no stack has. */
function withoutLogsOf(cloud: string): string {
  return `package operations

import (
	"context"
	"errors"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/config"
)

func ${cloud}OperationsProvider(context.Context, map[config.Key]string, *Resource) (Provider, error) {
	return nil, errors.New("no client of ${cloud} is built in")
}
`;
}

const withoutKeyServices = `// Package cloud refuses every key management service of a cloud.
package cloud

import (
	"encoding/json"
	"errors"

	"github.com/pulumi/pulumi/pkg/v3/secrets"
	"github.com/pulumi/pulumi/sdk/v3/go/common/workspace"
)

const Type = "cloud"

var errRefused = errors.New("no client of a key management service is built in")

func EditProjectStack(*workspace.ProjectStack, json.RawMessage) error {
	return errRefused
}

func NewCloudSecretsManagerFromState(json.RawMessage) (secrets.Manager, error) {
	return nil, errRefused
}

func NewCloudSecretsManager(*workspace.ProjectStack, string, bool) (secrets.Manager, error) {
	return nil, errRefused
}
`;
