import { failure } from '@millwright/contracts';
import { Controller, Get, Header, Req } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Request } from 'express';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { TypeormTransactions } from '../database/typeorm-transactions.js';
import { Public } from './endpoint.js';

/** Figures of this process. */
export class Metrics {
  readonly registry = new Registry();
  readonly requests = new Histogram({
    name: 'millwright_broker_request_seconds',
    help: 'Time to answer HTTP requests',
    labelNames: ['method', 'status'],
    registers: [this.registry],
    buckets: [0.005, 0.02, 0.1, 0.5, 2, 10],
  });
  readonly hosts = new Gauge({
    name: 'millwright_broker_hosts_connected',
    help: 'Hosts with a connection to any broker',
    registers: [this.registry],
  });
  readonly machines = new Gauge({
    name: 'millwright_broker_machines',
    help: 'Machines by reported state',
    labelNames: ['state'],
    registers: [this.registry],
  });
  readonly refusedLogins = new Counter({
    name: 'millwright_broker_refused_requests_total',
    help: 'Requests answered with 401 or 403',
    registers: [this.registry],
  });

  constructor() {
    collectDefaultMetrics({ register: this.registry });
  }
}

/** For supervisors and collectors, at the root and not under the API; the front door does not route here. */
@ApiExcludeController()
@Controller()
export class HealthController {
  constructor(
    private readonly transactions: TypeormTransactions,
    private readonly metrics: Metrics,
  ) {}

  @Get('healthz')
  @Public()
  alive() {
    return { status: 'ok' };
  }

  @Get('readyz')
  @Public()
  async ready() {
    await this.transactions.source.query('SELECT 1').catch((error: unknown) => {
      throw failure('platform.unavailable', 'The database does not answer.', { cause: error });
    });
    return { status: 'ok' };
  }

  @Get('metrics')
  @Public()
  @Header('Content-Type', 'text/plain; version=0.0.4; charset=utf-8')
  async figures(@Req() request: Request): Promise<string> {
    // Through a proxy the peer is loopback too; a forwarded request is not for these pages.
    const isLocal =
      ['127.0.0.1', '::1', '::ffff:127.0.0.1'].includes(request.socket.remoteAddress ?? '') &&
      request.headers['x-forwarded-for'] === undefined;
    if (!isLocal) throw failure('request.missing');
    const machines: { state: string | null; count: string }[] = await this.transactions.source.query(
      `SELECT condition->>'state' AS state, count(*) AS count FROM machines GROUP BY 1`,
    );
    const [hosts]: { count: string }[] = await this.transactions.source.query(
      'SELECT count(*) AS count FROM hosts WHERE connected_to IS NOT NULL',
    );
    this.metrics.machines.reset();
    for (const { state, count } of machines) this.metrics.machines.set({ state: state ?? 'unreported' }, Number(count));
    this.metrics.hosts.set(Number(hosts?.count ?? 0));
    return this.metrics.registry.metrics();
  }
}
