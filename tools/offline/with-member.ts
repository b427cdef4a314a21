/**
 * Has another value of a member of an object that others read it from, for as long as something runs.
 *
 * @throws Error where there is no such member, so that nothing is replaced that nobody reads
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
