import {
  API_PREFIX,
  CSRF_HEADER,
  errorOfProblem,
  type PlatformError,
  PROBLEM_MEDIA_TYPE,
  ROUTES,
  type Route,
  type RouteBody,
  type RouteName,
  type RouteResponse,
  SESSION_COOKIE,
} from '@millwright/contracts';

type Parameters = Readonly<Record<string, string>>;

/** One signed-in person: calls the API by route name and checks every answer against the contract. */
export class BrokerClient {
  #cookie: string | undefined;

  constructor(
    readonly url: string,
    readonly token?: string,
  ) {}

  get cookie(): string | undefined {
    return this.#cookie;
  }

  async signIn(name: string, password: string): Promise<RouteResponse<'login'>> {
    return this.call('login', {}, { name, password });
  }

  async call<N extends RouteName>(
    name: N,
    parameters: Parameters = {},
    body?: RouteBody<N>,
    query: Parameters = {},
  ): Promise<RouteResponse<N>> {
    const route: Route = ROUTES[name];
    const response = await this.raw(route.method, pathOf(route.path, parameters, query), body);
    if (!response.ok) throw await problemIn(response);
    return (route.response ? route.response.parse(await response.json()) : undefined) as RouteResponse<N>;
  }

  /** The failure's code, for calls that must fail. */
  async refusal<N extends RouteName>(name: N, parameters: Parameters = {}, body?: RouteBody<N>): Promise<string> {
    return this.call(name, parameters, body).then(
      () => 'no refusal',
      (error: PlatformError) => `${error.code}`,
    );
  }

  async raw(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Response> {
    const response = await fetch(`${this.url}${API_PREFIX}${path}`, {
      method,
      headers: {
        [CSRF_HEADER]: '1',
        ...(this.#cookie ? { cookie: `${SESSION_COOKIE}=${this.#cookie}` } : {}),
        ...(this.token ? { authorization: `Bearer ${this.token}` } : {}),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const cookie = new RegExp(`${SESSION_COOKIE}=([^;]*)`).exec(response.headers.get('set-cookie') ?? '')?.[1];
    if (cookie !== undefined) this.#cookie = cookie || undefined;
    return response;
  }
}

function pathOf(path: string, parameters: Parameters, query: Parameters): string {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(parameters[name]!));
  const search = new URLSearchParams(query).toString();
  return search ? `${filled}?${search}` : filled;
}

async function problemIn(response: Response): Promise<Error> {
  const text = await response.text();
  if (!response.headers.get('content-type')?.startsWith(PROBLEM_MEDIA_TYPE))
    return new Error(`status ${response.status} without a problem: ${text.slice(0, 300)}`);
  return errorOfProblem(JSON.parse(text)) ?? new Error(`a malformed problem: ${text.slice(0, 300)}`);
}
