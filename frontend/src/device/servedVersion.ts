/** Whether the server has another version of the page than the one that runs: whether it names another main script. */

/** The address of the main script. In production it contains a hash of all code. */
const mainScript = (page: Document) => page.querySelector('script[type="module"][src]')?.getAttribute('src') ?? null;

/** False where the server cannot say: it does not answer, or a proxy answers in its place. */
export async function isOutdated(): Promise<boolean> {
  try {
    const response = await fetch('/', { cache: 'no-store' });
    if (!response.ok) return false;
    const served = mainScript(new DOMParser().parseFromString(await response.text(), 'text/html'));
    // A login page of a proxy has none.
    return served !== null && served !== mainScript(document);
  } catch {
    return false;
  }
}
