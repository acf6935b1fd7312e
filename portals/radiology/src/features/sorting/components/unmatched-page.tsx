import { Tabs } from '@mantine/core';
import { quarantineQuery, unmatchedQuery } from '@shared/api/studies';
import { Page } from '@shared/shell/page';
import { Empty } from '@shared/states/states';
import { useQuery } from '@tanstack/react-query';
import { Listed } from './listed';
import { Quarantine } from './quarantine';
import { Unmatched } from './unmatched-study';

export function UnmatchedPage() {
  const studies = useQuery(unmatchedQuery);
  const quarantine = useQuery(quarantineQuery);
  return (
    <Page title="Unmatched images" subtitle="Images that need a person to say whose they are. A match can be taken back, and for seven days a decision about quarantine.">
      <Tabs defaultValue="studies">
        <Tabs.List mb="md">
          <Tabs.Tab value="studies">Studies without an order{studies.data ? ` (${studies.data.total})` : ''}</Tabs.Tab>
          <Tabs.Tab value="quarantine">Quarantine{quarantine.data ? ` (${quarantine.data.total})` : ''}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="studies">
          <Listed query={studies} scope="unmatched" keyOf={({ study }) => study.id} nouns={['study', 'studies']} empty={<Empty title="All images have their order" />}>
            {(item, settle) => <Unmatched item={item} onSettled={settle} />}
          </Listed>
        </Tabs.Panel>
        <Tabs.Panel value="quarantine">
          <Quarantine />
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}
