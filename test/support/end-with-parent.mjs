// Loaded into servers that tests start: such a server ends when the test that holds its standard input is gone.
process.stdin.once('close', () => process.kill(process.pid, 'SIGKILL'));
process.stdin.on('error', () => undefined);
process.stdin.resume();
process.stdin.unref();
