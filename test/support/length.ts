/** `npm run test:all` sets it; `npm test` tries the same things, less often. */
const isWhole = Boolean(process.env.TEST_ALL);

/** How often a test repeats what it does: `times` in `npm run test:all`, an eighth of it in `npm test`. */
export const repeated = (times: number): number => (isWhole ? times : Math.ceil(times / 8));
