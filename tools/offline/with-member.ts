/**
 * Replaces a member of an object while `run` runs.
 *
 * @throws Error if there is no such member, because nothing would read the new one
 */
export async function withMember<Result>(
  owner: object,
  name: string,
  value: unknown,
  run: () => Promise<Result>,
): Promise<Result> {
  const own: unknown = Reflect.get(owner, name);
  if (own === undefined) throw new Error(`there is no ${name} to replace`);
  Reflect.set(owner, name, value);
  try {
    return await run();
  } finally {
    Reflect.set(owner, name, own);
  }
}
