/**
 * `work` done with the items that are no errors, all in one go; each error keeps its place in the result. `work` gives one
 * result an item, in order.
 */
export async function aroundErrors<T, R>(
  items: readonly (T | Error)[],
  work: (good: T[]) => Promise<readonly R[]>
): Promise<(R | Error)[]> {
  const good = items.filter((item): item is T => !(item instanceof Error))
  const results = (await work(good)).values()
  return items.map(item => (item instanceof Error ? item : (results.next().value as R))) // one for each good item
}
