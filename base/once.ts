/** A function that does `action` at its first call, and gives that call's promise to every later one. */
export function once<T>(action: () => Promise<T>): () => Promise<T> {
  let done: Promise<T> | undefined
  return () => {
    done ??= action()
    return done
  }
}
