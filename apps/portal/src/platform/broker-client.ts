import {
  API_PREFIX,
  CSRF_HEADER,
  errorOfProblem,
  FailureReportSchema,
  failure,
  PlatformError,
  ROUTES,
  type Route,
  type RouteBody,
  type RouteName,
  type RouteResponse,
} from '@millwright/contracts';

type Parameters = Readonly<Record<string, string>>;

export interface CallOptions<N extends RouteName> {
  /** Values of the `{name}` parts of the path. */
  readonly path?: Parameters;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly body?: RouteBody<N>;
  readonly signal?: AbortSignal;
}

type RefusalListener = (error: PlatformError) => void;
const refusalListeners = new Set<RefusalListener>();

/** Tells of every refused request that means the person must sign in or change the password; `me` and `login` say so to their callers. */
export function onRefusal(listener: RefusalListener): () => void {
  refusalListeners.add(listener);
  return () => void refusalListeners.delete(listener);
}

/**
 * Calls the broker by route name and checks the answer against the contract.
 * @throws PlatformError always, also when nothing answered (`platform.unavailable`)
 */
export async function callBroker<N extends RouteName>(name: N, options: CallOptions<N> = {}): Promise<RouteResponse<N>> {
  const route: Route = ROUTES[name];
  const response = await send(route.method, pathOf(route.path, options.path ?? {}, options.query ?? {}), options.body, options.signal);
  if (!response.ok) throw await refusalOf(response, name);
  if (!route.response) return undefined as RouteResponse<N>;
  const parsed = route.response.safeParse(await response.json().catch(() => undefined));
  if (!parsed.success)
    throw failure('platform.defect', 'The answer of the server was not understood. Reload the page.', { cause: parsed.error });
  return parsed.data as RouteResponse<N>;
}

async function send(method: string, path: string, body: unknown, signal: AbortSignal | undefined): Promise<Response> {
  try {
    return await fetch(`${API_PREFIX}${path}`, {
      method,
      credentials: 'same-origin',
      headers: { accept: 'application/json', [CSRF_HEADER]: '1', ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal ? { signal } : {}),
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw failure('platform.unavailable', undefined, { cause: error });
  }
}

async function refusalOf(response: Response, name: RouteName): Promise<PlatformError> {
  const error =
    errorOfProblem(await response.json().catch(() => undefined)) ??
    failure(response.status >= 500 ? 'platform.unavailable' : 'platform.defect');
  const isAboutSession = error.code === 'auth.required' || error.code === 'auth.password-change-required';
  if (isAboutSession && name !== 'login' && name !== 'me') for (const listener of refusalListeners) listener(error);
  return error;
}

/** `/users/{id}` with its values and a query string; undefined query values are left out. */
export function pathOf(
  path: string,
  parameters: Parameters,
  query: Readonly<Record<string, string | number | boolean | undefined>>,
): string {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = parameters[name];
    if (value === undefined) throw new TypeError(`${path} needs ${name}.`);
    return encodeURIComponent(value);
  });
  const search = new URLSearchParams(
    Object.entries(query).flatMap(([key, value]) => (value === undefined ? [] : [[key, String(value)]])),
  ).toString();
  return search ? `${filled}?${search}` : filled;
}

/** Any thrown thing, or a failure that came inside another message, as a PlatformError, for showing. */
export function asPlatformError(error: unknown): PlatformError {
  const report = FailureReportSchema.safeParse(error);
  if (report.success && !(error instanceof Error)) return new PlatformError(report.data.code, 'unavailable', report.data.message);
  return error instanceof PlatformError
    ? error
    : new PlatformError('platform.defect', 'defect', error instanceof Error ? error.message : String(error));
}
