import { StopSignal } from './stop-signal.js';

const stopSignal = new StopSignal();
const { start } = await import('./start.js');
await start(stopSignal);
