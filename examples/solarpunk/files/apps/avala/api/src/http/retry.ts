/** Retry a request; waits at most 4900 ms in all. */
export async function retry<T>(send: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + 4900;
  let wait = 100;
  for (;;) {
    try {
      return await send();
    } catch (error) {
      if (Date.now() + wait > deadline) throw error;
      await new Promise((done) => setTimeout(done, wait));
      wait *= 2;
    }
  }
}
