import { startSmall } from './small-start.js';
import { StopSignal } from './stop-signal.js';

const stopSignal = new StopSignal();
await startSmall(async () => {
  const { start } = await import('./start.js');
  await start(stopSignal);
});
