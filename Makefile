# `make` alone says what there is.

.PHONY: help
help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

.PHONY: test
test: ## all tests: they migrate, build and call some fifty servers
	go test -timeout 30m ./...

.PHONY: demo
demo: ## migrate an example, sign in to it, call it; show that a stranger is refused
	go run ./internal/demo

.PHONY: check
check: ## everything that a change must pass
	.ci/run

.PHONY: fuzz
fuzz: ## every fuzz target, briefly
	.ci/fuzz

.PHONY: bench-load
bench-load: ## what lint costs: make bench-load [REPOS=dir,dir] (checked-out repositories, against go vet; minutes for each)
	REPOS="$(REPOS)" .ci/bench-load

.PHONY: corpus
corpus: ## look at repositories: make corpus DIR=folder [TRUTH=tools.csv] [VERDICTS=internal/corpus/testdata/verdicts.csv] [JSON=board.json] [ONLY=name] [FLAGS='--tags x'] [COMPARE=typed [MOST=lines]]
	@test -n "$(DIR)" || { echo 'make corpus DIR=… : a folder of checked-out repositories'; exit 2; }
	go run ./internal/corpus -dir "$(DIR)" -truth "$(TRUTH)" -verdicts "$(VERDICTS)" -json "$(JSON)" -only "$(ONLY)" $(if $(COMPARE),-compare -timeout 150s) -most "$(or $(MOST),0)" -- $(FLAGS)

.PHONY: corpus-migrate
corpus-migrate: ## migrate scratch copies of repositories: make corpus-migrate DIR=folder [JSON=board.json] [DIFFS=folder] [ONLY=name] [TESTS=-tests] [FLAGS='--provider …']
	@test -n "$(DIR)" || { echo 'make corpus-migrate DIR=… : a folder of checked-out repositories'; exit 2; }
	go run ./internal/corpus -dir "$(DIR)" -json "$(JSON)" -only "$(ONLY)" -diffs "$(DIFFS)" -migrate $(TESTS) -- $(FLAGS)

.PHONY: grown
grown: ## migrate, build and call programs in random shapes: make grown [SEED=1] [COUNT=50]
	MCP_MIGRATE_GROWN=$(or $(SEED),1),$(or $(COUNT),50) go test -count=1 -timeout 2h -run TestGrownPrograms ./internal/e2e

.PHONY: running
running: ## start servers of others and compare: make running DIR=folder [ONLY=name] [JSON=file] START=-start-them
	@test -n "$(DIR)" || { echo 'make running DIR=… : a folder of checked-out repositories'; exit 2; }
	go run ./internal/corpus -running $(START) -dir "$(DIR)" -json "$(JSON)" -only "$(ONLY)" -- $(FLAGS)
