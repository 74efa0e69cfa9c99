/** How long a test waits for what takes milliseconds on a quiet machine: others may keep every core busy. */
export const PATIENCE = 180_000;

/** No test takes as long, unless it hangs. */
export const TEST_TIMEOUT = 5 * PATIENCE;
