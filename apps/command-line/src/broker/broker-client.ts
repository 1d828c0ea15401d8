import {
  API_PREFIX,
  errorOfProblem,
  failure,
  type Page,
  PROBLEM_MEDIA_TYPE,
  ROUTES,
  type Route,
  type RouteBody,
  type RouteName,
  type RouteResponse,
  TICKET_SCHEME,
} from '@millwright/contracts';
import { CommandError, ExitStatus } from '../command-error.js';

type Parameters = Readonly<Record<string, string>>;
export type Query = Readonly<Record<string, string | undefined>>;

/** Routes that answer with a page of items. */
export type ListRoute = { [N in RouteName]: RouteResponse<N> extends Page<unknown> ? N : never }[RouteName];
export type ItemOf<N extends ListRoute> = RouteResponse<N> extends Page<infer T> ? T : never;

/** The broker's API by route name; every answer is checked against the contract. */
export class BrokerClient {
  constructor(
    readonly url: string,
    readonly token: string | undefined,
  ) {}

  /** @throws PlatformError for a refusal */
  async call<N extends RouteName>(name: N, parameters: Parameters = {}, body?: RouteBody<N>, query: Query = {}): Promise<RouteResponse<N>> {
    const route: Route = ROUTES[name];
    if (this.token === undefined && name !== 'login') throw await this.#whyNotSignedIn();
    const response = await fetch(`${this.url}${API_PREFIX}${pathOf(route.path, parameters, query)}`, {
      method: route.method,
      redirect: 'error',
      headers: {
        ...(this.token === undefined ? {} : { authorization: `Bearer ${this.token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw await problemIn(response);
    if (!route.response) return undefined as RouteResponse<N>;
    const parsed = route.response.safeParse(await response.json().catch(() => undefined));
    if (!parsed.success)
      throw new CommandError(`${this.url} answered in another shape than this mw knows. Use the mw of the same version.`);
    return parsed.data as RouteResponse<N>;
  }

  /** Nothing of a request goes to an address where nobody is signed in; first of all it must be Millwright's. */
  async #whyNotSignedIn(): Promise<Error> {
    const answer = await fetch(`${this.url}${API_PREFIX}${ROUTES.me.path}`, { redirect: 'error' });
    return answer.status === 401 ? failure('auth.required', 'You are not signed in.') : problemIn(answer);
  }

  /** All items of a list, page after page. */
  async list<N extends ListRoute>(name: N, query: Query = {}): Promise<ItemOf<N>[]> {
    const items: ItemOf<N>[] = [];
    let cursor: string | undefined;
    do {
      // TypeScript cannot follow N through both conditional types; ListRoute holds only routes of pages.
      const page = (await this.call(name, {}, undefined, { ...query, cursor })) as unknown as Page<ItemOf<N>>;
      items.push(...page.items);
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    return items;
  }

  /** GET from the machine's host with a ticket. `path` is the grant's. */
  async fetchWithTicket(path: string, ticket: string): Promise<Buffer> {
    const response = await fetch(new URL(path, this.url), { redirect: 'error', headers: { authorization: `${TICKET_SCHEME} ${ticket}` } });
    if (!response.ok) throw await problemIn(response);
    return Buffer.from(await response.arrayBuffer());
  }
}

/** Fills `{name}` places; a query value of undefined is left out. */
export function pathOf(path: string, parameters: Parameters, query: Query): string {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(parameters[name] ?? ''));
  const given = Object.entries(query).filter((pair): pair is [string, string] => pair[1] !== undefined);
  const search = new URLSearchParams(given).toString();
  return search ? `${filled}?${search}` : filled;
}

/** The failure in a response that is not 2xx. Something in between (a proxy) may have answered instead of us. */
export async function problemIn(response: Response): Promise<Error> {
  const text = await response.text().catch(() => '');
  const isProblem = response.headers.get('content-type')?.startsWith(PROBLEM_MEDIA_TYPE) ?? false;
  const body = isProblem ? parseJson(text) : undefined;
  const known = errorOfProblem(body);
  if (known) return known;
  const { code, title } = (body ?? {}) as { code?: unknown; title?: unknown };
  const status = response.status === 503 ? ExitStatus.unreachable : ExitStatus.failed;
  if (typeof code === 'string' && typeof title === 'string') return new CommandError(title, status, code);
  return new CommandError(
    `${new URL(response.url).origin} answered with status ${response.status}, not as Millwright does. Check --url or MILLWRIGHT_URL.`,
    status,
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
