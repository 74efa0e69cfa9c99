export const PATIENCE: number;
export const TEST_TIMEOUT: number;
