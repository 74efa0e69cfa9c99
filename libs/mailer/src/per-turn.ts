/** For a `DataLoader`: what is asked for in one turn of the event loop becomes one call, and nothing is remembered. */
export const PER_TURN = { cache: false, batchScheduleFn: (dispatch: () => void): unknown => setImmediate(dispatch) };
