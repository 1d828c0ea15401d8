import {
  type BrokerEvents,
  type Changed,
  type ChangedKind,
  EVENTS_PATH,
  type Permission,
  SESSION_COOKIE,
  type UserId,
} from '@millwright/contracts';
import { type OnGatewayConnection, type OnGatewayInit, WebSocketGateway, WebSocketServer } from '@nestjs/websockets';
import type { Server, Socket } from 'socket.io';
import { Authenticate } from '../identity/authenticate.service.js';
import { cookieValue, isSameOrigin } from '../platform/http/browser-checks.js';
import { Log } from '../platform/log.js';
import { CurrentValues } from './current-values.js';
import { type Announcement, PublishedChanges } from './published-changes.js';

/** Who gets a kind of object without being named. */
const READ_PERMISSION: Readonly<Record<ChangedKind, Permission>> = {
  machine: 'machine:read',
  control: 'machine:read',
  desktop: 'desktop:read',
  host: 'host:read',
  task: 'task:read',
  user: 'user:read',
  image: 'image:read',
  template: 'template:read',
  session: 'session:read',
};
const roomOfUser = (userId: UserId) => `user ${userId}`;
const roomOfPermission = (permission: Permission) => `permission ${permission}`;

interface BrokerToBroker {
  announce(announcement: Announcement): void;
}
type EventsServer = Server<Record<string, never>, BrokerEvents, BrokerToBroker>;

/**
 * Live updates over socket.io. A socket proves who it is before it connects; clients only listen. Brokers tell each
 * other what changed and each reads the value for its own clients: a broadcast through the database would overtake
 * itself (the adapter stores first what is over 8 kB) and would carry values that are old by then.
 */
@WebSocketGateway({
  path: EVENTS_PATH,
  transports: ['websocket', 'polling'],
  serveClient: false,
  maxHttpBufferSize: 10_000,
  destroyUpgrade: false,
})
export class EventsGateway implements OnGatewayInit, OnGatewayConnection {
  @WebSocketServer() private readonly server: EventsServer;

  constructor(
    private readonly changes: PublishedChanges,
    private readonly values: CurrentValues,
    private readonly authenticate: Authenticate,
    private readonly log: Log,
  ) {}

  afterInit(server: EventsServer): void {
    server.use((socket, next) => {
      this.#admit(socket).then(
        () => next(),
        () => next(new Error('auth.required')),
      );
    });
    server.on('announce', (announcement) => this.changes.receive(announcement));
    this.changes.publishTo(
      (announcement) => this.#publish(announcement),
      (announcement) => server.serverSideEmit('announce', announcement),
    );
  }

  handleConnection(socket: Socket): void {
    this.log.debug({ socketId: socket.id }, 'events client connected');
  }

  /** Bearer token in `auth.token`, or the cookie of our own pages. */
  async #admit(socket: Socket): Promise<void> {
    const { headers, address } = socket.handshake;
    const token: unknown = socket.handshake.auth['token'];
    const forwarded = headers['x-forwarded-host'];
    const isOurs =
      headers.origin === undefined || isSameOrigin(headers.origin, headers.host, typeof forwarded === 'string' ? forwarded : undefined);
    const secret = typeof token === 'string' ? token : isOurs ? cookieValue(headers.cookie, SESSION_COOKIE) : undefined;
    if (secret === undefined) throw new Error('no credential');
    const { context } = await this.authenticate.execute(secret, address);
    await socket.join(roomOfUser(context.userId!));
    for (const permission of context.permissions) await socket.join(roomOfPermission(permission));
  }

  async #publish(announcement: Announcement): Promise<void> {
    if (announcement.what === 'signed-out') {
      const theirs = this.server.local.in(roomOfUser(announcement.userId));
      theirs.emit('signed-out');
      theirs.disconnectSockets(true);
      return;
    }
    if (announcement.what === 'gone') {
      const { kind, id, users } = announcement;
      return this.#emit({ kind, id, value: null } as Changed, users ?? [], users === undefined);
    }
    for (const { event, users, readers } of await this.values.of(announcement.kind, announcement.id)) this.#emit(event, users, readers);
  }

  #emit(event: Changed, users: readonly UserId[], readers: boolean): void {
    const rooms = [...users.map(roomOfUser), ...(readers ? [roomOfPermission(READ_PERMISSION[event.kind])] : [])];
    if (rooms.length > 0) this.server.local.to(rooms).emit('changed', event);
  }
}
