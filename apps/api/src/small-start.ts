import { setFlagsFromString } from 'node:v8';

/**
 * Loading makes V8 think that this process lives fast: its space for new objects grows to 32 MiB, and stays so while nothing
 * happens. Here it grows only once there is work.
 */
export async function startSmall(start: () => Promise<void>): Promise<void> {
  setFlagsFromString('--semi-space-growth-factor=1');
  await start();
  setFlagsFromString('--semi-space-growth-factor=2'); // as V8 has it
}
