const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/i;

/** Whether the host of an address, as `URL` reads it, is this machine. */
export const isLoopback = (hostname: string): boolean => LOOPBACK.test(hostname);
