/**
 * As `Promise.all`, but rejects only when nothing is under way any more. For what starts threads: Node 20 aborts
 * (SIGABRT) when the process exits while one of its threads is loading a module.
 */
export async function settleAll<Values extends readonly unknown[]>(
  promises: readonly [...{ [Key in keyof Values]: Promise<Values[Key]> | Values[Key] }],
): Promise<Values> {
  await Promise.allSettled(promises);
  return (await Promise.all(promises)) as unknown as Values;
}
