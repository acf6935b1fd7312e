import { QueryClient } from '@tanstack/react-query';
import { beforeEach, describe, expect, it } from 'vitest';
import { alertsQuery } from './alerts';
import { client } from './generated/client.gen';
import { deadLettersQuery, healthQuery } from './operations';
import { dashboardQuery } from './orders';
import { reportOfOrderQuery } from './reports';

const asked: Request[] = [];

beforeEach(() => {
  asked.length = 0;
  client.setConfig({
    baseUrl: 'http://gateway.test',
    fetch: (input) => {
      asked.push(input as Request);
      return Promise.resolve(Response.json({ items: [] }));
    },
  });
});

const LOOKS = {
  alerts: (queries: QueryClient) => queries.fetchQuery(alertsQuery(['OPEN'], true)),
  dashboard: (queries: QueryClient) => queries.fetchQuery(dashboardQuery),
  'dead letters': (queries: QueryClient) => queries.fetchQuery(deadLettersQuery),
  health: (queries: QueryClient) => queries.fetchQuery(healthQuery),
};

it.each(Object.entries(LOOKS))('%s: says that the page asks by itself, but not when a person opens it', async (_, look) => {
  const queries = new QueryClient();

  await look(queries);
  await look(queries);

  expect(asked.map((request) => request.headers.get('X-Background'))).toEqual([null, '1']);
});

describe('a report that may be there', () => {
  const answering = (response: Response) => client.setConfig({ baseUrl: 'http://gateway.test', fetch: () => Promise.resolve(response) });
  const look = () => new QueryClient({ defaultOptions: { queries: { retry: false } } }).fetchQuery(reportOfOrderQuery('o'));

  it('is null while there is none', async () => {
    answering(new Response(null, { status: 204 }));

    expect(await look()).toBeNull();
  });

  it('of an order that is not there is an error', async () => {
    answering(Response.json({ code: 'not_found' }, { status: 404 }));

    await expect(look()).rejects.toThrow();
  });
});
