import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

const COMMIT = Buffer.from('COMMIT\0');

type Moment = 'before' | 'after';

/** Stands between two programs: lets everything through, keeps silent, or cuts. */
export class Proxy {
  private readonly pairs = new Set<[Socket, Socket]>();
  private readonly server: Server;
  private mode: 'open' | 'silent' | 'closed' = 'open';
  private atCommit: { moment: Moment; then: () => void } | null = null;

  constructor(private targetPort: number) {
    this.server = createServer((client) => this.join(client));
  }

  async open(): Promise<this> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return this;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port; // as: it listens on TCP
  }

  /** Connections stay open, and nothing comes through them. */
  silence(): void {
    this.mode = 'silent';
    for (const pair of this.pairs) pair.forEach((socket) => socket.pause());
  }

  /** All connections end, and new ones as soon as they are made. */
  cut(): void {
    this.mode = 'closed';
    for (const pair of this.pairs) pair.forEach((socket) => socket.resetAndDestroy());
  }

  /** Cuts the connection that commits next: PostgreSQL never hears of it, or has done it and is not heard. */
  cutAtCommit(moment: Moment, then: () => void = () => undefined): void {
    this.atCommit = { moment, then };
  }

  /** As when a name or an address passes to another server; open connections stay where they are. */
  leadTo(port: number): void {
    this.targetPort = port;
  }

  mend(): void {
    this.mode = 'open';
    for (const pair of this.pairs) pair.forEach((socket) => socket.resume());
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private join(client: Socket): void {
    if (this.mode === 'closed') return void client.resetAndDestroy();
    const target = connect(this.targetPort, '127.0.0.1');
    const pair: [Socket, Socket] = [client, target];
    this.pairs.add(pair);
    this.relay(client, target, pair);
    this.relay(target, client, pair);
    if (this.mode === 'silent') pair.forEach((socket) => socket.pause());
  }

  private relay(from: Socket, to: Socket, pair: [Socket, Socket]): void {
    from.on('data', (data) => this.isCutBy(data, pair) || to.write(data));
    from.on('error', () => undefined);
    from.on('close', () => {
      this.pairs.delete(pair);
      to.destroy();
    });
  }

  private isCutBy(data: Buffer, [client, target]: [Socket, Socket]): boolean {
    if (!this.atCommit || !data.includes(COMMIT)) return false;
    const { moment, then } = this.atCommit;
    this.atCommit = null;
    const cut = (): void => {
      client.resetAndDestroy();
      then();
    };
    if (moment === 'before') cut();
    else target.removeAllListeners('data').once('data', cut).write(data);
    return true;
  }
}
