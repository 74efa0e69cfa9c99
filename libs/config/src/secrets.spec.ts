import { Secrets } from './secrets.js';

describe('secrets', () => {
  const secrets = new Secrets('one application secret of many characters');
  const others = new Secrets('another application secret of many characters');

  it.each(['', 'a token', 'K\u00F6ln \u{1F600}', 'x'.repeat(100_000)])('open what they sealed', (text) => {
    expect(secrets.open('mail token', secrets.seal('mail token', text, 'id-1'), 'id-1')).toBe(text);
  });

  it('open it after a restart with the same application secret', () => {
    const restarted = new Secrets('one application secret of many characters');
    expect(restarted.open('mail token', secrets.seal('mail token', 'a token'))).toBe('a token');
  });

  it('seal the same text differently each time, and unreadably', () => {
    const [one, two] = [secrets.seal('mail token', 'a token'), secrets.seal('mail token', 'a token')];
    expect(one.equals(two)).toBe(false);
    expect(one.toString('latin1')).not.toContain('a token');
  });

  it('do not open with another secret, purpose or bound value', () => {
    const sealed = secrets.seal('mail token', 'a token', 'id-1');
    expect(() => others.open('mail token', sealed, 'id-1')).toThrow();
    expect(() => secrets.open('page cursor', sealed, 'id-1')).toThrow();
    expect(() => secrets.open('mail token', sealed, 'id-2')).toThrow();
    expect(() => secrets.open('mail token', sealed)).toThrow();
  });

  it('do not open what was changed, in any byte', () => {
    const sealed = secrets.seal('mail token', 'a token');
    for (let at = 0; at < sealed.length; at += 1) {
      const changed = Buffer.from(sealed);
      changed[at] ^= 1;
      expect(() => secrets.open('mail token', changed)).toThrow();
    }
  });

  it('do not open what was cut', () => {
    for (const text of ['', 'a token']) {
      const sealed = secrets.seal('mail token', text);
      for (let length = 0; length < sealed.length; length += 1) {
        expect(() => secrets.open('mail token', sealed.subarray(0, length))).toThrow();
      }
    }
  });

  it('know their own signature', () => {
    const signature = secrets.sign('page cursor', 'text');
    expect(signature).toMatch(/^[\w-]{22}$/);
    expect(secrets.isSignature('page cursor', 'text', signature)).toBe(true);
  });

  it.each(['', 'x', 'x'.repeat(22), '\u00E9'.repeat(11)])('refuse the signature %j', (signature) => {
    expect(secrets.isSignature('page cursor', 'text', signature)).toBe(false);
  });

  it('refuse a signature of another text, purpose or secret', () => {
    const signature = secrets.sign('page cursor', 'text');
    expect(secrets.isSignature('page cursor', 'texts', signature)).toBe(false);
    expect(secrets.isSignature('mail token', 'text', signature)).toBe(false);
    expect(others.isSignature('page cursor', 'text', signature)).toBe(false);
    expect(secrets.isSignature('page cursor', 'text', signature.slice(0, -1))).toBe(false);
  });

  describe('after a change of the application secret', () => {
    const rotated = new Secrets(
      'the next application secret of many characters',
      'one application secret of many characters',
    );

    it('open and know what was made before it', () => {
      expect(rotated.open('mail token', secrets.seal('mail token', 'a token', 'id-1'), 'id-1')).toBe('a token');
      expect(rotated.isSignature('page cursor', 'text', secrets.sign('page cursor', 'text'))).toBe(true);
    });

    it('make nothing with the old one any more', () => {
      const sealed = rotated.seal('mail token', 'a token');
      expect(rotated.open('mail token', sealed)).toBe('a token');
      expect(() => secrets.open('mail token', sealed)).toThrow();
      expect(secrets.isSignature('page cursor', 'text', rotated.sign('page cursor', 'text'))).toBe(false);
    });

    it('refuse what neither has made', () => {
      expect(() => rotated.open('mail token', others.seal('mail token', 'a token'))).toThrow();
      expect(rotated.isSignature('page cursor', 'text', others.sign('page cursor', 'text'))).toBe(false);
    });
  });
});
