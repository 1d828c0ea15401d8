import { randomUUID } from 'node:crypto';
import { type DynamicModule, Module, type Provider, type Type } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_PIPE } from '@nestjs/core';
import { ThrottlerModule } from '@nestjs/throttler';
import { getDataSourceToken, TypeOrmModule } from '@nestjs/typeorm';
import type { DataSource, EntityTarget } from 'typeorm';
import { AuditController } from './audit/audit.controller.js';
import { Audit } from './audit/audit.js';
import { TypeormAudit } from './audit/typeorm-audit.js';
import { AssignDesktop } from './desktops/assign-desktop.service.js';
import { ChangeDesktop } from './desktops/change-desktop.service.js';
import { CreateDesktop } from './desktops/create-desktop.service.js';
import { AssignmentEntity, DesktopEntity } from './desktops/desktop.entity.js';
import { Assignments, Desktops } from './desktops/desktop.js';
import { DesktopAccess } from './desktops/desktop-access.js';
import { DesktopsController } from './desktops/desktops.controller.js';
import { Changes } from './events/changes.js';
import { CurrentValues } from './events/current-values.js';
import { EventsGateway } from './events/events.gateway.js';
import { PublishedChanges } from './events/published-changes.js';
import { AgentEndpoint, NotifiedHostLinks } from './hosts/agent-endpoint.js';
import { EnrolHost } from './hosts/enrol-host.service.js';
import { CommandEntity, EnrolmentTokenEntity, HostEntity } from './hosts/host.entity.js';
import { Commands, EnrolmentTokens, Hosts } from './hosts/host.js';
import { HostCommands } from './hosts/host-commands.js';
import { HostLinks } from './hosts/host-links.js';
import { HostPresence } from './hosts/host-presence.service.js';
import { HostsController } from './hosts/hosts.controller.js';
import { IssueEnrolmentToken } from './hosts/issue-enrolment-token.service.js';
import { ManageHosts } from './hosts/manage-hosts.service.js';
import { TakeCommandResult } from './hosts/take-command-result.service.js';
import { TakeReport } from './hosts/take-report.service.js';
import { AuthController } from './identity/auth.controller.js';
import { Authenticate } from './identity/authenticate.service.js';
import { ChangeOwnPassword } from './identity/change-password.service.js';
import { CreateUser } from './identity/create-user.service.js';
import { DeleteUser } from './identity/delete-user.service.js';
import { ManageApiTokens } from './identity/manage-api-tokens.service.js';
import { Argon2Passwords, Passwords } from './identity/passwords.js';
import { ResetPassword } from './identity/reset-password.service.js';
import { SeedAdministrator } from './identity/seed-administrator.service.js';
import { SignIn } from './identity/sign-in.service.js';
import { SignOut } from './identity/sign-out.service.js';
import { UpdateUser } from './identity/update-user.service.js';
import { ApiTokenEntity, LoginEntity, UserEntity } from './identity/user.entity.js';
import { ApiTokens, Logins, Users } from './identity/user.js';
import { UsersController } from './identity/users.controller.js';
import { ImageEntity } from './images/image.entity.js';
import { Images } from './images/image.js';
import { ImagesController } from './images/images.controller.js';
import { ManageImages } from './images/manage-images.service.js';
import { RequestUpload } from './images/request-upload.service.js';
import { CreateMachine } from './machines/create-machine.service.js';
import { MachineEntity } from './machines/machine.entity.js';
import { Machines } from './machines/machine.js';
import { MachineAccess } from './machines/machine-access.js';
import { MachineViews } from './machines/machine-views.js';
import { MachinesController } from './machines/machines.controller.js';
import { OperateMachine } from './machines/operate-machine.service.js';
import { PassControl } from './machines/pass-control.service.js';
import { Placement } from './machines/placement.js';
import { ReconcileMachine } from './machines/reconcile-machine.service.js';
import { RemoveMachine } from './machines/remove-machine.js';
import { TakeMachineReport } from './machines/take-machine-report.service.js';
import { TrashMachine } from './machines/trash-machine.service.js';
import { UpdateMachine } from './machines/update-machine.service.js';
import { Clock, SystemClock } from './platform/clock.js';
import { Config } from './platform/config.js';
import { OldRows } from './platform/database/old-rows.js';
import { TypeormRecords } from './platform/database/typeorm-records.js';
import { TypeormTransactions } from './platform/database/typeorm-transactions.js';
import { AuthenticationGuard } from './platform/http/authentication.guard.js';
import { HealthController, Metrics } from './platform/http/health.controller.js';
import { ProblemFilter } from './platform/http/problem.filter.js';
import { schemaValidation } from './platform/http/validation.js';
import { Identifiers, RandomIdentifiers } from './platform/identifiers.js';
import { Log } from './platform/log.js';
import { Notifications } from './platform/notifications.js';
import { Reconciler } from './platform/reconciler.js';
import { SettingEntity, Settings } from './platform/settings.js';
import { Starter } from './platform/starter.js';
import { Transactions } from './platform/transactions.js';
import { EndSessions } from './sessions/end-sessions.service.js';
import { IssueMachineTicket } from './sessions/issue-machine-ticket.service.js';
import { OpenSession } from './sessions/open-session.service.js';
import { SessionEntity } from './sessions/session.entity.js';
import { Sessions } from './sessions/session.js';
import { SessionsController } from './sessions/sessions.controller.js';
import { SignedTickets } from './sessions/signed-tickets.js';
import { Tickets } from './sessions/tickets.js';
import { BuildGuest } from './tasks/build-guest.service.js';
import { CancelTask } from './tasks/cancel-task.service.js';
import { TakeTaskReport } from './tasks/take-task-report.service.js';
import { TaskEntity } from './tasks/task.entity.js';
import { Tasks } from './tasks/task.js';
import { GuestsController, TasksController } from './tasks/tasks.controller.js';
import { ManageTemplates } from './templates/manage-templates.service.js';
import { SeedDefaultGuest } from './templates/seed-default-guest.service.js';
import { TakeTemplates } from './templates/take-templates.service.js';
import { TemplateEntity } from './templates/template.entity.js';
import { Templates } from './templates/template.js';
import { TemplatesController } from './templates/templates.controller.js';

/** Which table stands behind which port. */
const TABLES: readonly (readonly [port: unknown, entity: unknown])[] = [
  [Users, UserEntity],
  [Logins, LoginEntity],
  [ApiTokens, ApiTokenEntity],
  [Hosts, HostEntity],
  [EnrolmentTokens, EnrolmentTokenEntity],
  [Commands, CommandEntity],
  [Templates, TemplateEntity],
  [Images, ImageEntity],
  [Machines, MachineEntity],
  [Desktops, DesktopEntity],
  [Assignments, AssignmentEntity],
  [Sessions, SessionEntity],
  [Tasks, TaskEntity],
  [Settings, SettingEntity],
];

const USE_CASES: Provider[] = [
  Authenticate,
  SignIn,
  SignOut,
  ChangeOwnPassword,
  CreateUser,
  UpdateUser,
  DeleteUser,
  ResetPassword,
  ManageApiTokens,
  SeedAdministrator,
  HostCommands,
  HostPresence,
  EnrolHost,
  IssueEnrolmentToken,
  ManageHosts,
  TakeReport,
  TakeCommandResult,
  MachineAccess,
  MachineViews,
  Placement,
  CreateMachine,
  UpdateMachine,
  OperateMachine,
  TrashMachine,
  RemoveMachine,
  ReconcileMachine,
  TakeMachineReport,
  PassControl,
  DesktopAccess,
  CreateDesktop,
  ChangeDesktop,
  AssignDesktop,
  OpenSession,
  EndSessions,
  IssueMachineTicket,
  RequestUpload,
  ManageImages,
  ManageTemplates,
  TakeTemplates,
  SeedDefaultGuest,
  BuildGuest,
  CancelTask,
  TakeTaskReport,
  CurrentValues,
];

/** The wiring list of the broker: one flat module, because use cases of one domain call those of the next. */
@Module({})
export class AppModule {
  static create(config: Config, log: Log, source: DataSource): DynamicModule {
    const repositories = TABLES.map(([port, entity]) => ({
      provide: port as Type,
      useFactory: (transactions: TypeormTransactions) => new TypeormRecords(transactions, entity as EntityTarget<{ id: string }>),
      inject: [TypeormTransactions],
    }));
    return {
      module: AppModule,
      imports: [
        TypeOrmModule.forRootAsync({ useFactory: () => source.options, dataSourceFactory: () => Promise.resolve(source) }),
        ThrottlerModule.forRoot([{ ttl: 60_000, limit: 10 }]),
      ],
      controllers: [
        AuthController,
        UsersController,
        HostsController,
        TemplatesController,
        ImagesController,
        MachinesController,
        DesktopsController,
        SessionsController,
        TasksController,
        GuestsController,
        AuditController,
        HealthController,
      ],
      providers: [
        { provide: Config, useValue: config },
        { provide: Log, useValue: log },
        Starter,
        { provide: Clock, useClass: SystemClock },
        { provide: Identifiers, useClass: RandomIdentifiers },
        { provide: Passwords, useClass: Argon2Passwords },
        Metrics,
        {
          provide: TypeormTransactions,
          useFactory: (opened: DataSource) => new TypeormTransactions(opened),
          inject: [getDataSourceToken()],
        },
        { provide: Transactions, useExisting: TypeormTransactions },
        ...repositories,
        {
          provide: Audit,
          useFactory: (t: TypeormTransactions, clock: Clock) => new TypeormAudit(t, clock),
          inject: [TypeormTransactions, Clock],
        },
        { provide: OldRows, useFactory: (t: TypeormTransactions) => new OldRows(t, randomUUID()), inject: [TypeormTransactions] },
        {
          provide: PublishedChanges,
          useFactory: (t: Transactions) => new PublishedChanges(t, (error) => log.warn({ err: error }, 'event lost')),
          inject: [Transactions],
        },
        { provide: Changes, useExisting: PublishedChanges },
        {
          provide: SignedTickets,
          useFactory: async (t: Transactions, settings: Settings, identifiers: Identifiers, clock: Clock) => {
            const tickets = new SignedTickets(t, settings, identifiers, clock);
            await tickets.load();
            return tickets;
          },
          inject: [Transactions, Settings, Identifiers, Clock],
        },
        { provide: Tickets, useExisting: SignedTickets },
        Notifications,
        { provide: HostLinks, useClass: NotifiedHostLinks },
        ...USE_CASES,
        AgentEndpoint,
        EventsGateway,
        Reconciler,
        { provide: APP_GUARD, useClass: AuthenticationGuard },
        { provide: APP_FILTER, useClass: ProblemFilter },
        { provide: APP_PIPE, useFactory: schemaValidation },
      ],
    };
  }
}
