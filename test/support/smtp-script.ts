import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { TLSSocket } from 'node:tls';
import tlsOptions from 'smtp-server/lib/tls-options.js';

/** Closes the connection instead of answering. */
export const CUT = { cutAfter: '' };
/** Never answers. */
export const SILENCE = Symbol('silence');

/** What is said at a step; or a function that answers what is to be said to the mail for this recipient, once it wants to. */
export type Line = string | { cutAfter: string } | typeof SILENCE | ((recipient: string) => Promise<string>);

/** Of Usher with a silent server; a server that speaks is never as slow. */
const TIME_OUT = 5_000;

/** The steps of a session. `END` is the end of the mail's content, `TLS` the encryption after STARTTLS. */
const GOOD = {
  GREETING: '220 ready',
  EHLO: '250-here\r\n250 8BITMIME',
  STARTTLS: '220 go ahead',
  AUTH: '235 welcome',
  MAIL: '250 sender ok',
  RCPT: '250 recipient ok',
  DATA: '354 go ahead',
  END: '250 taken',
  RSET: '250 forgotten',
  QUIT: '221 bye',
} satisfies Record<string, Line>;
export type Step = keyof typeof GOOD;

export interface TakenMail {
  messageId: string;
  recipient: string;
  content: string;
}

/** An SMTP server on loopback that says at every step what a test wants it to say. */
export class SmtpScript {
  /** Mails whose content it got, with whatever it answered then. */
  readonly mails: TakenMail[] = [];
  /** Every command of every session, by its first word; `CONNECT` for a connection. */
  readonly heard: string[] = [];
  private lines: Partial<Record<Step, Line>> = {};
  private readonly sockets = new Set<Socket>();
  private readonly server: Server = createServer((socket) => this.meet(socket));

  private port = 0;

  async open(): Promise<this> {
    await new Promise<void>((resolve) => this.server.listen(this.port, '127.0.0.1', resolve));
    this.port = (this.server.address() as AddressInfo).port; // as: it listens on TCP
    return this;
  }

  /** With time-outs that a test can wait for. */
  get url(): string {
    return `smtp://usher:secret@127.0.0.1:${this.port}?greetingTimeout=${TIME_OUT}&socketTimeout=${TIME_OUT}`;
  }

  /** From now on. Sessions that are open end, and their clients have noticed: none goes on as before. */
  async say(lines: Partial<Record<Step, Line>>): Promise<void> {
    this.lines = lines;
    await Promise.all([...this.sockets].map((socket) => once(socket.end(), 'close')));
  }

  to(recipient: string): TakenMail[] {
    return this.mails.filter((mail) => mail.recipient === recipient);
  }

  /** Refuses connections until it is opened again, at the same port. */
  async close(): Promise<void> {
    await this.say({});
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }

  private meet(socket: Socket): void {
    this.sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => this.sockets.delete(socket));
    this.heard.push('CONNECT');
    this.listen(socket);
    void this.answer(socket, 'GREETING');
  }

  private listen(socket: Socket): void {
    let recipient = '';
    let content: string[] | null = null;
    const lines = createInterface({ input: socket, crlfDelay: Infinity });
    lines.on('line', (line) => {
      if (content && line !== '.') return void content.push(line);
      if (content) {
        this.keep(recipient, content.join('\n'));
        content = null;
        return void this.answer(socket, 'END', recipient);
      }
      const step = line.split(/[ :]/)[0].toUpperCase() as Step; // as: nodemailer says nothing else
      this.heard.push(step);
      if (step === 'RCPT') recipient = /<(.+?)>/.exec(line)?.[1] ?? '';
      void this.answer(socket, step, recipient).then((said) => {
        if (step === 'DATA' && said.startsWith('354')) content = [];
        if (step === 'STARTTLS' && said.startsWith('220')) this.encrypt(socket, lines);
      });
    });
  }

  private encrypt(socket: Socket, lines: { close(): void }): void {
    lines.close();
    const { key, cert } = tlsOptions({});
    const secure = new TLSSocket(socket, { isServer: true, key, cert });
    secure.on('error', () => undefined);
    this.listen(secure);
  }

  private keep(recipient: string, content: string): void {
    const messageId = /^Message-ID: (.+)$/im.exec(content)?.[1] ?? '';
    this.mails.push({ messageId, recipient, content });
  }

  private async answer(socket: Socket, step: Step, recipient = ''): Promise<string> {
    const line: Line = this.lines[step] ?? GOOD[step];
    const said = typeof line === 'function' ? await line(recipient) : line;
    // The session may have been ended while its line was looked up.
    if (said === SILENCE || !socket.writable) return '';
    if (typeof said === 'string') socket.write(`${said}\r\n`);
    else socket.end(said.cutAfter);
    return typeof said === 'string' ? said : '';
  }
}
