// Starts GraphiQL on the page: our tabs, our endpoint, headers editable (a bearer token goes there) and never stored.
"use strict";

(function () {
  const element = React.createElement;
  const tabs = JSON.parse(document.getElementById("tabs").textContent);
  const given = tabs.map((tab) => ({
    query: tab.query,
    variables: tab.variables || null,
    headers: tab.headers || null,
  }));
  const fetcher = GraphiQL.createFetcher({ url: "/graphql" });
  const plugins = window.GraphiQLPluginExplorer ? [GraphiQLPluginExplorer.explorerPlugin()] : [];

  ReactDOM.render(
    element(GraphiQL, {
      fetcher,
      plugins,
      defaultTabs: given,
      defaultEditorToolsVisibility: "headers",
      isHeadersEditorEnabled: true,
      shouldPersistHeaders: false,
    }),
    document.getElementById("explorer"),
  );
})();
