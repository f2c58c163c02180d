/** The error of a rejected promise. */
export async function failure(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    (value: unknown) => {
      throw new Error(`It was not rejected, but gave ${JSON.stringify(value)}.`);
    },
    (error: unknown) => error,
  );
}

/** All values of an iterable. */
export async function collected<T>(values: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const value of values) all.push(value);
  return all;
}
