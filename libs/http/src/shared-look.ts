/** Looks once for all who ask while it looks, and for so many milliseconds afterwards: asking often costs no more. */
export function sharedLook<Seen>(look: () => Promise<Seen>, milliseconds: number): () => Promise<Seen> {
  let current: Promise<Seen> | null = null;
  const forget = (): void => {
    current = null;
  };
  const forgetInTime = (): void => {
    if (milliseconds > 0) setTimeout(forget, milliseconds).unref();
    else forget();
  };
  return () => {
    if (!current) {
      current = look();
      current.then(forgetInTime, forgetInTime);
    }
    return current;
  };
}
