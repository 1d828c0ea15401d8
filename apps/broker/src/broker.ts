import 'reflect-metadata';
import type { AddressInfo } from 'node:net';
import { API_PREFIX, OPENAPI_PATH } from '@millwright/contracts';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import type { NextFunction, Request, Response } from 'express';
import helmet from 'helmet';
import { pinoHttp } from 'pino-http';
import { AppModule } from './app.module.js';
import { PostgresIoAdapter } from './events/postgres-io.adapter.js';
import { IssueEnrolmentToken } from './hosts/issue-enrolment-token.service.js';
import { SeedAdministrator } from './identity/seed-administrator.service.js';
import type { Config } from './platform/config.js';
import { migrate, openDatabase, surviveLostConnections } from './platform/database/data-source.js';
import { Metrics } from './platform/http/health.controller.js';
import type { Log } from './platform/log.js';

/** Bodies are small JSON; images go to the hosts. */
const BODY_LIMIT = '256kb';

export interface Broker {
  readonly port: number;
  /** To be shown to the person at the terminal, if there is one to show. */
  readonly adminPassword: string | undefined;
  close(): Promise<void>;
}

/** Opens the database, brings it up to date, seeds it and listens on 127.0.0.1. */
export async function startBroker(config: Config, log: Log): Promise<Broker> {
  const source = await openDatabase(config.databaseUrl);
  surviveLostConnections(source);
  await migrate(source);
  const app = await NestFactory.create<NestExpressApplication>(AppModule.create(config, log, source), {
    logger: ['error', 'warn', 'fatal'],
    bodyParser: false,
    abortOnError: false,
  });
  app.useBodyParser('json', { limit: BODY_LIMIT });
  app.setGlobalPrefix(API_PREFIX.slice(1), { exclude: ['healthz', 'readyz', 'metrics'] });
  // Only the front door on this machine may say who the client is.
  app.set('trust proxy', 'loopback');
  app.disable('x-powered-by');
  app.use(helmet({ contentSecurityPolicy: { useDefaults: false, directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] } } }));
  app.use(
    pinoHttp({
      logger: log.pino,
      customLogLevel: (_request, response, error) => (error || response.statusCode >= 500 ? 'error' : 'debug'),
      serializers: {
        req: ({ method, url }: { method: string; url: string }) => ({ method, path: url.split('?')[0] }),
        res: ({ statusCode }: { statusCode: number }) => ({ statusCode }),
      },
    }),
  );
  app.use(noStore);
  app.use(measured(app.get(Metrics)));
  app.useWebSocketAdapter(new PostgresIoAdapter(app, config.databaseUrl, log));
  describeApi(app);

  const adminPassword = await app.get(SeedAdministrator).execute();
  if (config.enrolmentToken) await app.get(IssueEnrolmentToken).acceptLocal(config.enrolmentToken);
  await app.listen(config.port, '127.0.0.1');
  return {
    port: (app.getHttpServer().address() as AddressInfo).port,
    adminPassword,
    async close() {
      app.getHttpServer().closeAllConnections();
      await app.close();
    },
  };
}

/** Answers are about live state and about people: no cache keeps them. */
function noStore(_request: Request, response: Response, next: NextFunction): void {
  response.setHeader('Cache-Control', 'no-store');
  next();
}

function measured(metrics: Metrics) {
  return (request: Request, response: Response, next: NextFunction): void => {
    const stop = metrics.requests.startTimer({ method: request.method });
    response.once('finish', () => {
      stop({ status: String(response.statusCode) });
      if (response.statusCode === 401 || response.statusCode === 403) metrics.refusedLogins.inc();
    });
    next();
  };
}

function describeApi(app: NestExpressApplication): void {
  const document = new DocumentBuilder().setTitle('Millwright').setVersion('1').addBearerAuth().build();
  SwaggerModule.setup('api/v1/docs', app, () => SwaggerModule.createDocument(app, document), {
    jsonDocumentUrl: OPENAPI_PATH,
    ui: false,
    raw: ['json'],
  });
}
