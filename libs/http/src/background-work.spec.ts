import { Logger } from '@nestjs/common';
import { BackgroundWork } from './background-work.js';

describe('background work', () => {
  it('is not waited for by the answer, but by the shutdown', async () => {
    const background = new BackgroundWork();
    const steps: string[] = [];
    let finish = (): void => undefined;
    const work = new Promise<void>((resolve) => (finish = resolve));
    await background.start('work', () => work.then(() => void steps.push('done')));
    steps.push('answered');
    const stopped = background.beforeApplicationShutdown().then(() => steps.push('stopped'));
    finish();
    await stopped;
    expect(steps).toEqual(['answered', 'done', 'stopped']);
  });

  it('that fails is logged, and the answer is the same', async () => {
    const logged = jest.spyOn(Logger.prototype, 'error').mockImplementation();
    await new BackgroundWork().start('work', () => Promise.reject(new Error('away')));
    expect(logged).toHaveBeenCalledWith('The work failed: Error: away');
    logged.mockRestore();
  });
});
