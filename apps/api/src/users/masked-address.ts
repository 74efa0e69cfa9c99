/** `kim@example.com` is shown as `k•••@example.com`. */
export const maskAddress = (email: string): string => email.replace(/^(.)[^@]*/, '$1•••');
