/**
 * A provider in this process, attached to the real engine in place of the plugins for Kubernetes, GitHub and random
 * values.
 *
 * It speaks the engine's own protocol. Its world remembers what was created, changed and deleted, and can be made to
 * fail. It does not check what the real providers check, waits for nothing, and replaces only what `replaceOn` lists.
 */
import { randomBytes } from "node:crypto";
import * as grpc from "@grpc/grpc-js";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import pluginPb from "@pulumi/pulumi/proto/plugin_pb.js";
import pb from "@pulumi/pulumi/proto/provider_pb.js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import struct from "google-protobuf/google/protobuf/struct_pb.js";

/** A change that the engine requested. */
export interface Change {
  readonly operation: "create" | "update" | "delete";
  readonly type: string;
  readonly name: string;
}

/** What all attached providers share: the world they act on. */
export class World {
  public readonly changes: Change[] = [];
  /** The objects that exist, by id. */
  public readonly objects = new Map<string, Properties>();
  /** Fails the next creation of an object with this name. */
  public failing: string | undefined;
  /** Objects that exist without this program, by id. */
  public readonly found = new Map<string, Properties>([["kube-system", kubeSystem("the cluster")]]);
}

/** The namespace whose uid identifies a cluster. */
export function kubeSystem(uid: string): Properties {
  return { apiVersion: "v1", kind: "Namespace", metadata: { name: "kube-system", uid } };
}

type Properties = Record<string, unknown>;
type Call<Request> = grpc.ServerUnaryCall<Request, unknown>;
type Done<Response> = grpc.sendUnaryData<Response>;

/** Serves the provider on loopback. */
export function serveProvider(world: World): Promise<{ port: number; stop: () => void }> {
  const server = new grpc.Server();
  server.addService(ResourceProviderService, handlers(world));
  return new Promise((done, fail) => {
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
      if (error === null) done({ port, stop: () => server.forceShutdown() });
      else fail(error);
    });
  });
}

function handlers(world: World): grpc.UntypedServiceImplementation {
  return {
    attach: nothing,
    cancel: nothing,
    getPluginInfo: (_: unknown, done: Done<unknown>) => done(null, new pluginPb.PluginInfo()),
    getSchema: (_: unknown, done: Done<unknown>) => done(null, new pb.GetSchemaResponse().setSchema("{}")),
    checkConfig: check,
    diffConfig: (call: Call<pb.DiffRequest>, done: Done<unknown>) => answer(done, () => diff(call)),
    configure,
    check,
    diff: (call: Call<pb.DiffRequest>, done: Done<unknown>) => answer(done, () => diff(call)),
    create: (call: Call<pb.CreateRequest>, done: Done<unknown>) => answer(done, () => create(world, call)),
    read: (call: Call<pb.ReadRequest>, done: Done<unknown>) => read(world, call, done),
    update: (call: Call<pb.UpdateRequest>, done: Done<unknown>) => answer(done, () => update(world, call)),
    delete: (call: Call<pb.DeleteRequest>, done: Done<unknown>) => answer(done, () => remove(world, call)),
  };
}

function answer(done: Done<unknown>, operation: () => unknown): void {
  try {
    done(null, operation());
  } catch (error) {
    const details = error instanceof Error ? error.message : String(error);
    done({ code: grpc.status.UNKNOWN, details }, null);
  }
}

function nothing(_: unknown, done: Done<unknown>): void {
  done(null, new empty.Empty());
}

function configure(_: unknown, done: Done<unknown>): void {
  done(null, new pb.ConfigureResponse().setAcceptsecrets(true).setSupportspreview(true));
}

function check(call: Call<pb.CheckRequest>, done: Done<unknown>): void {
  done(null, new pb.CheckResponse().setInputs(call.request.getNews()));
}

function diff({ request }: Call<pb.DiffRequest>): pb.DiffResponse {
  const before = properties(request.getOldInputs());
  const after = properties(request.getNews());
  const changed = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
    (key) => JSON.stringify(before[key]) !== JSON.stringify(after[key]),
  );
  const replacing = changed.filter((key) => replaceOn(typeOf(request.getUrn()), key, before, after));
  const { DIFF_NONE, DIFF_SOME } = pb.DiffResponse.DiffChanges;
  return (
    new pb.DiffResponse()
      .setChanges(changed.length > 0 ? DIFF_SOME : DIFF_NONE)
      .setDiffsList(changed)
      .setReplacesList(replacing)
      // As the Kubernetes provider does for objects with a fixed name: the new one cannot exist beside the old one.
      .setDeletebeforereplace(replacing.length > 0 && request.getUrn().includes("kubernetes:"))
  );
}

const release = "kubernetes:helm.sh/v3:Release";

/** The replacements of the real providers that concern this program. */
function replaceOn(type: string, key: string, before: Properties, after: Properties): boolean {
  if (type === "random:index/randomPassword:RandomPassword") return true;
  if (type.startsWith("github:")) return key === "repository";
  if (!type.startsWith("kubernetes:")) return false;
  if (key === "metadata") return identity(before["metadata"]) !== identity(after["metadata"]);
  // A release is replaced when it gets another name or namespace; an upgrade is an update.
  return type === release && (key === "name" || key === "namespace");
}

function identity(metadata: unknown): string {
  const { name, namespace } = metadata as { name?: string; namespace?: string };
  return `${namespace ?? ""}/${name ?? ""}`;
}

function create(world: World, { request }: Call<pb.CreateRequest>): pb.CreateResponse {
  const urn = request.getUrn();
  const inputs = properties(request.getProperties());
  if (request.getPreview()) return new pb.CreateResponse().setProperties(toStruct(inputs));
  if (world.failing === nameOf(urn)) {
    world.failing = undefined;
    throw new Error("the test makes this fail");
  }
  const id = `${typeOf(urn)}/${nameOf(urn)}`;
  const outputs = { ...inputs, ...made(typeOf(urn)) };
  world.objects.set(id, outputs);
  record(world, "create", urn);
  return new pb.CreateResponse().setId(id).setProperties(toStruct(outputs));
}

/** What a provider adds to the inputs. */
function made(type: string): Properties {
  return type === "random:index/randomPassword:RandomPassword"
    ? { result: `random${randomBytes(24).toString("hex")}` }
    : {};
}

function read(world: World, call: Call<pb.ReadRequest>, done: Done<unknown>): void {
  const id = call.request.getId();
  const object = world.objects.get(id) ?? world.found.get(id);
  const response = new pb.ReadResponse();
  if (object !== undefined) {
    response.setId(id).setProperties(toStruct(object)).setInputs(call.request.getInputs());
  }
  done(null, response);
}

function update(world: World, { request }: Call<pb.UpdateRequest>): pb.UpdateResponse {
  const inputs = properties(request.getNews());
  if (!request.getPreview()) {
    world.objects.set(request.getId(), inputs);
    record(world, "update", request.getUrn());
  }
  return new pb.UpdateResponse().setProperties(toStruct(inputs));
}

function remove(world: World, { request }: Call<pb.DeleteRequest>): empty.Empty {
  const urn = request.getUrn();
  world.objects.delete(request.getId());
  record(world, "delete", urn);
  return new empty.Empty();
}

function record(world: World, operation: Change["operation"], urn: string): void {
  world.changes.push({ operation, type: typeOf(urn), name: nameOf(urn) });
}

/** The resource's own type: a URN also holds those of its parents, before a `$`. */
function typeOf(urn: string): string {
  return urn.split("::")[2]?.split("$").at(-1) ?? "";
}

function nameOf(urn: string): string {
  return urn.split("::").slice(3).join("::");
}

function properties(value: struct.Struct | undefined): Properties {
  return value?.toJavaScript() ?? {};
}

function toStruct(value: Properties): struct.Struct {
  return struct.Struct.fromJavaScript(value as Parameters<typeof struct.Struct.fromJavaScript>[0]);
}
