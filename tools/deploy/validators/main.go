// Checks files of deploy/ with the libraries that read them in production: `validators compose FILE` with the loader of
// `docker compose config`, `validators dashboard FILE` with the types of Grafana, unknown fields refused.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/cog/plugins"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

func main() {
	if len(os.Args) != 3 {
		fail(fmt.Errorf("usage: validators compose|dashboard FILE"))
	}
	check, known := map[string]func(string) error{"compose": compose, "dashboard": grafana}[os.Args[1]]
	if !known {
		fail(fmt.Errorf("unknown kind of file: %s", os.Args[1]))
	}
	if err := check(os.Args[2]); err != nil {
		fail(err)
	}
}

func compose(file string) error {
	options, err := cli.NewProjectOptions([]string{file}, cli.WithOsEnv, cli.WithConsistency(true), cli.WithResolvedPaths(true))
	if err != nil {
		return err
	}
	project, err := options.LoadProject(context.Background())
	if err != nil {
		return err
	}
	rendered, err := project.MarshalYAML()
	if err != nil {
		return err
	}
	_, err = os.Stdout.Write(rendered)
	return err
}

func grafana(file string) error {
	raw, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	plugins.RegisterDefaultPlugins()
	read := dashboard.Dashboard{}
	if err := read.UnmarshalJSONStrict(raw); hasFindings(err) {
		return err
	}
	if err := read.Validate(); hasFindings(err) {
		return err
	}
	return nil
}

// The types of Grafana return an empty list of errors, which is not nil as an error, for a file without findings.
func hasFindings(err error) bool {
	var findings cog.BuildErrors
	if errors.As(err, &findings) {
		return len(findings) > 0
	}
	return err != nil
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
