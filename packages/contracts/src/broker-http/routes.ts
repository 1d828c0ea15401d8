import { z } from 'zod';
import { AuditEntrySchema, AuditQuerySchema } from './audit.js';
import {
  ApiTokenSchema,
  ChangePasswordSchema,
  CreateApiTokenSchema,
  CreatedApiTokenSchema,
  LoginRequestSchema,
  LoginResponseSchema,
  MeSchema,
} from './auth.js';
import { CreateDesktopSchema, DesktopQuerySchema, DesktopSchema, UpdateDesktopSchema } from './desktops.js';
import { EnrolmentTokenSchema, HostSchema, UpdateHostSchema } from './hosts.js';
import { ImageSchema, UpdateImageSchema, UploadGrantSchema, UploadRequestSchema } from './images.js';
import { CreateMachineSchema, MachineSchema, PassControlSchema, UpdateMachineSchema } from './machines.js';
import { pageOf } from './paging.js';
import {
  DisplayGrantSchema,
  OpenSessionSchema,
  SessionQuerySchema,
  SessionSchema,
  TicketGrantSchema,
  TicketRequestSchema,
} from './sessions.js';
import { BuildGuestSchema, GuestSchema, TaskDetailSchema, TaskSchema } from './tasks.js';
import { TemplateSchema, UpdateTemplateSchema } from './templates.js';
import { CreatedUserSchema, CreateUserSchema, ResetPasswordSchema, UpdateUserSchema, UserSchema } from './users.js';

export interface Route {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  /** Relative to API_PREFIX; `{name}` is a parameter. */
  readonly path: string;
  readonly query?: z.ZodType;
  readonly body?: z.ZodType;
  /** Body of the 2xx answer; none means 204. */
  readonly response?: z.ZodType;
}

function route<const R extends Route>(route: R): R {
  return route;
}

/** The whole HTTP API as data: clients call it by name and parse the answer with the schema the broker promised. */
export const ROUTES = {
  login: route({ method: 'POST', path: '/auth/login', body: LoginRequestSchema, response: LoginResponseSchema }),
  logout: route({ method: 'POST', path: '/auth/logout' }),
  me: route({ method: 'GET', path: '/auth/me', response: MeSchema }),
  changePassword: route({ method: 'POST', path: '/auth/password', body: ChangePasswordSchema, response: MeSchema }),
  listApiTokens: route({ method: 'GET', path: '/auth/tokens', response: pageOf(ApiTokenSchema) }),
  createApiToken: route({ method: 'POST', path: '/auth/tokens', body: CreateApiTokenSchema, response: CreatedApiTokenSchema }),
  deleteApiToken: route({ method: 'DELETE', path: '/auth/tokens/{id}' }),

  listUsers: route({ method: 'GET', path: '/users', response: pageOf(UserSchema) }),
  createUser: route({ method: 'POST', path: '/users', body: CreateUserSchema, response: CreatedUserSchema }),
  getUser: route({ method: 'GET', path: '/users/{id}', response: UserSchema }),
  updateUser: route({ method: 'PATCH', path: '/users/{id}', body: UpdateUserSchema, response: UserSchema }),
  deleteUser: route({ method: 'DELETE', path: '/users/{id}' }),
  resetPassword: route({ method: 'POST', path: '/users/{id}/reset-password', body: ResetPasswordSchema, response: CreatedUserSchema }),

  listHosts: route({ method: 'GET', path: '/hosts', response: pageOf(HostSchema) }),
  getHost: route({ method: 'GET', path: '/hosts/{id}', response: HostSchema }),
  updateHost: route({ method: 'PATCH', path: '/hosts/{id}', body: UpdateHostSchema, response: HostSchema }),
  deleteHost: route({ method: 'DELETE', path: '/hosts/{id}' }),
  createEnrolmentToken: route({ method: 'POST', path: '/hosts/enrolment-tokens', response: EnrolmentTokenSchema }),

  listTemplates: route({ method: 'GET', path: '/templates', response: pageOf(TemplateSchema) }),
  getTemplate: route({ method: 'GET', path: '/templates/{id}', response: TemplateSchema }),
  updateTemplate: route({ method: 'PATCH', path: '/templates/{id}', body: UpdateTemplateSchema, response: TemplateSchema }),
  deleteTemplate: route({ method: 'DELETE', path: '/templates/{id}' }),

  listImages: route({ method: 'GET', path: '/images', response: pageOf(ImageSchema) }),
  getImage: route({ method: 'GET', path: '/images/{id}', response: ImageSchema }),
  updateImage: route({ method: 'PATCH', path: '/images/{id}', body: UpdateImageSchema, response: ImageSchema }),
  deleteImage: route({ method: 'DELETE', path: '/images/{id}' }),
  requestUpload: route({ method: 'POST', path: '/images/upload-ticket', body: UploadRequestSchema, response: UploadGrantSchema }),
  /** A new ticket for an upload whose first one expired unused; the image must still be `uploading`. */
  renewUpload: route({ method: 'POST', path: '/images/{id}/upload-ticket', response: UploadGrantSchema }),

  listMachines: route({
    method: 'GET',
    path: '/machines',
    query: z.object({ trashed: z.stringbool().default(false) }),
    response: pageOf(MachineSchema),
  }),
  getMachine: route({ method: 'GET', path: '/machines/{id}', response: MachineSchema }),
  createMachine: route({ method: 'POST', path: '/machines', body: CreateMachineSchema, response: MachineSchema }),
  updateMachine: route({ method: 'PATCH', path: '/machines/{id}', body: UpdateMachineSchema, response: MachineSchema }),
  /** To the trash for 7 days; from the trash for good. A running one is powered off. */
  deleteMachine: route({ method: 'DELETE', path: '/machines/{id}' }),
  restoreMachine: route({ method: 'POST', path: '/machines/{id}/restore', response: MachineSchema }),
  /** `verb` is one of MACHINE_VERBS. Answers 202 with the machine as it is now; events tell the rest. */
  operateMachine: route({ method: 'POST', path: '/machines/{id}/{verb}', response: MachineSchema }),
  openMachine: route({ method: 'POST', path: '/machines/{id}/sessions', body: OpenSessionSchema, response: DisplayGrantSchema }),
  requestTicket: route({ method: 'POST', path: '/machines/{id}/tickets', body: TicketRequestSchema, response: TicketGrantSchema }),
  passControl: route({ method: 'PUT', path: '/machines/{id}/control', body: PassControlSchema }),

  listDesktops: route({ method: 'GET', path: '/desktops', query: DesktopQuerySchema, response: pageOf(DesktopSchema) }),
  getDesktop: route({ method: 'GET', path: '/desktops/{id}', response: DesktopSchema }),
  createDesktop: route({ method: 'POST', path: '/desktops', body: CreateDesktopSchema, response: DesktopSchema }),
  updateDesktop: route({ method: 'PATCH', path: '/desktops/{id}', body: UpdateDesktopSchema, response: DesktopSchema }),
  deleteDesktop: route({ method: 'DELETE', path: '/desktops/{id}' }),
  assignDesktop: route({ method: 'PUT', path: '/desktops/{id}/assignments/{userId}', response: DesktopSchema }),
  unassignDesktop: route({ method: 'DELETE', path: '/desktops/{id}/assignments/{userId}', response: DesktopSchema }),
  operateDesktop: route({ method: 'POST', path: '/desktops/{id}/{verb}', response: DesktopSchema }),
  openDesktop: route({ method: 'POST', path: '/desktops/{id}/sessions', body: OpenSessionSchema, response: DisplayGrantSchema }),

  listSessions: route({ method: 'GET', path: '/sessions', query: SessionQuerySchema, response: pageOf(SessionSchema) }),
  /** A fresh ticket for the same session after a cut or a reload. */
  resumeSession: route({ method: 'POST', path: '/sessions/{id}/ticket', response: DisplayGrantSchema }),
  endSession: route({ method: 'DELETE', path: '/sessions/{id}' }),

  listGuests: route({ method: 'GET', path: '/guests', response: pageOf(GuestSchema) }),
  buildGuest: route({ method: 'POST', path: '/guests/{recipe}/build', body: BuildGuestSchema, response: TaskSchema }),

  listTasks: route({ method: 'GET', path: '/tasks', response: pageOf(TaskSchema) }),
  getTask: route({ method: 'GET', path: '/tasks/{id}', response: TaskDetailSchema }),
  cancelTask: route({ method: 'POST', path: '/tasks/{id}/cancel', response: TaskSchema }),
  retryTask: route({ method: 'POST', path: '/tasks/{id}/retry', response: TaskSchema }),

  listAudit: route({ method: 'GET', path: '/audit', query: AuditQuerySchema, response: pageOf(AuditEntrySchema) }),
} as const;
export type RouteName = keyof typeof ROUTES;
type Input<T> = T extends z.ZodType ? z.input<T> : undefined;
type Output<T> = T extends z.ZodType ? z.output<T> : undefined;
/** What a client passes as the body (defaults left out) and what it gets. */
export type RouteBody<N extends RouteName> = (typeof ROUTES)[N] extends { body: infer B } ? Input<B> : undefined;
export type RouteResponse<N extends RouteName> = (typeof ROUTES)[N] extends { response: infer R } ? Output<R> : undefined;
