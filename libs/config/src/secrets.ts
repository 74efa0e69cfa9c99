import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  hkdfSync,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Encrypts what must be readable later (AES-256-GCM) and signs what callers hand back; one derived key per purpose. */
export class Secrets {
  private readonly keys = new Map<string, Buffer>();

  /** What `previous` sealed or signed before it was replaced is still read; nothing new is made with it. */
  constructor(
    private readonly appSecret: string,
    private readonly previous?: string,
  ) {}

  /** Encrypts `text`; only `open` with the same purpose and the same `bound` value reads it again. */
  seal(purpose: string, text: string, bound = ''): Buffer {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.key(this.appSecret, purpose), nonce).setAAD(Buffer.from(bound));
    const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
    return Buffer.concat([nonce, cipher.getAuthTag(), sealed]);
  }

  /** Throws when the text was sealed with another secret, purpose or bound value. */
  open(purpose: string, sealed: Buffer, bound = ''): string {
    try {
      return unseal(this.key(this.appSecret, purpose), sealed, bound);
    } catch (error) {
      if (this.previous === undefined) throw error;
      return unseal(this.key(this.previous, purpose), sealed, bound);
    }
  }

  /** base64url, 128 bits. */
  sign(purpose: string, text: string): string {
    return signed(this.key(this.appSecret, purpose), text);
  }

  isSignature(purpose: string, text: string, signature: string): boolean {
    const secrets = this.previous === undefined ? [this.appSecret] : [this.appSecret, this.previous];
    return secrets.some((secret) => isSameSecret(signed(this.key(secret, purpose), text), signature));
  }

  private key(secret: string, purpose: string): Buffer {
    const name = `${secret === this.appSecret ? 'present' : 'previous'} ${purpose}`;
    let key = this.keys.get(name);
    if (!key) {
      key = Buffer.from(hkdfSync('sha256', secret, 'usher', purpose, 32));
      this.keys.set(name, key);
    }
    return key;
  }
}

function unseal(key: Buffer, sealed: Buffer, bound: string): string {
  // Node would take a shorter tag as well, and a shorter one is easier to forge.
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
  decipher.setAAD(Buffer.from(bound)).setAuthTag(sealed.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
  const text = Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]);
  return text.toString('utf8');
}

const signed = (key: Buffer, text: string): string =>
  createHmac('sha256', key).update(text).digest().subarray(0, 16).toString('base64url');

/** Takes as long whatever is given, of whatever length. */
export const isSameSecret = (expected: string, given: string): boolean =>
  timingSafeEqual(digestOf(expected), digestOf(given));

const digestOf = (text: string): Buffer => createHash('sha256').update(text).digest();
