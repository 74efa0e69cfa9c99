import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Encrypts what must be readable later (AES-256-GCM) and signs what callers hand back; one derived key per purpose. */
export class Secrets {
  private readonly keys = new Map<string, Buffer>();

  constructor(private readonly appSecret: string) {}

  /** Encrypts `text`; only `open` with the same purpose and the same `bound` value reads it again. */
  seal(purpose: string, text: string, bound = ''): Buffer {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.key(purpose), nonce).setAAD(Buffer.from(bound));
    const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
    return Buffer.concat([nonce, cipher.getAuthTag(), sealed]);
  }

  /** Throws when the text was sealed with another secret, purpose or bound value. */
  open(purpose: string, sealed: Buffer, bound = ''): string {
    // Node would take a shorter tag as well, and a shorter one is easier to forge.
    const options = { authTagLength: TAG_BYTES };
    const decipher = createDecipheriv('aes-256-gcm', this.key(purpose), sealed.subarray(0, NONCE_BYTES), options);
    decipher.setAAD(Buffer.from(bound)).setAuthTag(sealed.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
    return Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]).toString(
      'utf8',
    );
  }

  /** base64url, 128 bits. */
  sign(purpose: string, text: string): string {
    return createHmac('sha256', this.key(purpose)).update(text).digest().subarray(0, 16).toString('base64url');
  }

  isSignature(purpose: string, text: string, signature: string): boolean {
    const expected = Buffer.from(this.sign(purpose, text));
    const given = Buffer.from(signature);
    return expected.length === given.length && timingSafeEqual(expected, given);
  }

  private key(purpose: string): Buffer {
    let key = this.keys.get(purpose);
    if (!key) {
      key = Buffer.from(hkdfSync('sha256', this.appSecret, 'usher', purpose, 32));
      this.keys.set(purpose, key);
    }
    return key;
  }
}
