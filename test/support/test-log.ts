/** What begins like a secret is looked at; shorter secrets are too likely to be words of the log. */
const PREFIX = 12;
const SECRET_FIELDS = ['token', 'password', 'currentPassword', 'newPassword', 'secret'];
const IN_TEXT = /(?<=[#?&]token=)[\w-]+|\bus[hs]_[\w-]+/g;

/** The log of every server that this suite starts, and the secrets that the suite sent or saw: none of them may be in it. */
class TestLog {
  /** Written since the last look. */
  lines: string[] = [];
  private readonly forms = new Map<string, Set<string>>();
  private readonly known = new Set<string>();

  write(line: string): void {
    this.lines.push(line);
    if (process.env.TEST_LOG_LEVEL) process.stdout.write(line);
  }

  /** Takes the secrets out of a body, a header or a mail. */
  remember(value: unknown, field = ''): void {
    if (typeof value === 'string') {
      if (SECRET_FIELDS.includes(field)) this.add(value);
      for (const [secret] of value.matchAll(IN_TEXT)) this.add(secret);
    } else if (typeof value === 'object' && value !== null) {
      for (const [name, each] of Object.entries(value)) this.remember(each, Array.isArray(value) ? field : name);
    }
  }

  /** Throws the lines that hold a secret, without the secret; they are not looked at again. */
  expectNoSecret(lines = this.lines.splice(0)): void {
    const leaks = lines.flatMap((line) => {
      const secret = this.secretIn(line);
      return secret === null ? [] : [line.replaceAll(secret, '«secret»').trim()];
    });
    if (leaks.length > 0) throw new Error(`A secret of this suite is in the log:\n${leaks.join('\n')}`);
  }

  private add(secret: string): void {
    if (secret.length < PREFIX || this.known.has(secret)) return;
    this.known.add(secret);
    for (const form of formsOf(secret).filter(({ length }) => length >= PREFIX)) {
      const prefix = form.slice(0, PREFIX);
      this.forms.set(prefix, (this.forms.get(prefix) ?? new Set()).add(form));
    }
  }

  /** Takes as long however many secrets there are. */
  private secretIn(line: string): string | null {
    for (let at = 0; at + PREFIX <= line.length; at += 1) {
      const forms = this.forms.get(line.slice(at, at + PREFIX));
      const found = forms && [...forms].find((form) => line.startsWith(form, at));
      if (found) return found;
    }
    return null;
  }
}

/** As it is, and as JSON, addresses, mails and base64 write it, wherever in a text it stands. */
function formsOf(secret: string): string[] {
  const quotedPrintable = secret.replaceAll('=', '=3D');
  const base64 = [0, 1, 2].map((offset) => {
    const text = Buffer.from(' '.repeat(offset) + secret).toString('base64');
    return text.slice(offset === 0 ? 0 : 4, -4);
  });
  const inAddresses = [encodeURIComponent(secret), encodeURIComponent(secret).replaceAll('%20', '+')];
  return [...new Set([secret, JSON.stringify(secret).slice(1, -1), quotedPrintable, ...inAddresses, ...base64])];
}

export const testLog = new TestLog();
