// Starts GraphiQL on the page: our tabs, our endpoint, headers editable and never stored. Tabs act as whoever signed in
// last on this page, by a token that is kept in memory alone.
"use strict";

(function () {
  const tabs = JSON.parse(document.getElementById("tabs").textContent).map((tab) => ({
    query: tab.query,
    variables: tab.variables || null,
    headers: tab.headers || null,
  }));
  const HINT = "Bearer of-the-last-SignIn";
  let token = null;

  async function send(url, options) {
    const headers = { ...options.headers };
    if (headers.Authorization === HINT) delete headers.Authorization;
    if (!headers.Authorization && token) headers.Authorization = "Bearer " + token;
    const answer = await fetch(url, { ...options, headers });
    const { data } = await answer.clone().json().catch(() => ({}));
    for (const payload of Object.values(data || {})) {
      if (payload && typeof payload.accessToken === "string") token = payload.accessToken;
    }
    return answer;
  }

  const fetcher = GraphiQL.createFetcher({ url: "/graphql", fetch: send });

  function Explorer() {
    const [query, setQuery] = React.useState(undefined);
    const plugin = GraphiQLPluginExplorer.useExplorerPlugin({ query, onEdit: setQuery });
    return React.createElement(GraphiQL, {
      fetcher,
      query,
      onEditQuery: setQuery,
      variables: tabs[0].variables, // of the tab that is open first: GraphiQL forgets them
      plugins: [plugin],
      defaultTabs: tabs,
      defaultEditorToolsVisibility: "headers",
      isHeadersEditorEnabled: true,
      shouldPersistHeaders: false,
    });
  }

  ReactDOM.render(React.createElement(Explorer), document.getElementById("explorer"));
})();
