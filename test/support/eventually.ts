/** Waiting for something asynchronous, by looking again until a deadline. */

/** Resolves once `holds` gives true; throws when it has not within `patience` milliseconds. Looks every 20 ms. */
export async function eventually(
  what: string,
  holds: () => boolean | Promise<boolean>,
  patience = 30_000,
): Promise<void> {
  const deadline = Date.now() + patience;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`not within ${patience} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
