//! Mistakes in scenario files: each code, its place, and how it is shown.
#![forbid(unsafe_code)]

use s390_iommu::scenario::{Parsed, explain, parse};

const HEAD: &str =
    "schema = 1\ntitle = \"t\"\nfunctions = [{ name = \"f0\", dma = [0, 1] }]\ndomains = [\"d0\"]\n";

/// Reads a file of these steps.
fn steps(steps: &str) -> Parsed {
    parse(&format!("{HEAD}steps = [\n{steps}\n]\n"))
}

/// `code path line` of each mistake.
fn short(parsed: &Parsed) -> Vec<String> {
    parsed.diagnostics.iter().map(|d| format!("{} {} {}", d.code, d.path, d.line)).collect()
}

#[test]
fn each_mistake_has_its_code() {
    let cases = [
        ("{ }", "S014 steps[0] 6"),
        ("{ mpa = 0 }", "S014 steps[0] 6"),
        ("{ free = \"d0\", probe = \"f0\" }", "S015 steps[0] 6"),
        ("{ unmap = 0, size = 1, szie = 1 }", "S010 steps[0].szie 6"),
        ("{ unmap = 0 }", "S012 steps[0] 6"),
        ("{ unmap = 0, size = true }", "S013 steps[0].size 6"),
        ("{ unmap = 0, size = 1.5 }", "S013 steps[0].size 6"),
        ("7", "S013 steps[0] 6"),
        ("{ unmap = 0, size = \"4 KB\" }", "S020 steps[0].size 6"),
        ("{ unmap = \"12\", size = 1 }", "S020 steps[0].unmap 6"),
        ("{ unmap = -1, size = 1 }", "S021 steps[0].unmap 6"),
        ("{ unmap = 0xffff_ffff_ffff_ffff, size = 1 }", "S022 steps[0].unmap 6"),
        ("{ unmap = 0, size = \"999999999999 TiB\" }", "S022 steps[0].size 6"),
        ("{ inject = \"dma_init\", cc = 4 }", "S023 steps[0].cc 6"),
        ("{ inject = \"dma_int\" }", "S024 steps[0].inject 6"),
        ("{ clear_inject = false }", "S024 steps[0].clear_inject 6"),
        ("{ free = \"d0\", cpu = \"cpu2\" }", "S024 steps[0].cpu 6"),
        ("{ free = \"d0\", expect = { rc = \"EINVL\" } }", "S025 steps[0].expect.rc 6"),
        ("{ free = \"d0\", expect = [{ rc = 22 }] }", "S025 steps[0].expect[0].rc 6"),
        ("{ alloc = \"a b\" }", "S030 steps[0].alloc 6"),
        ("{ alloc = \"none\" }", "S030 steps[0].alloc 6"),
        ("{ probe = \"f1\" }", "S032 steps[0].probe 6"),
        ("{ free = \"d1\" }, { alloc = \"d1\" }", "S033 steps[0].free 6"),
        ("{ alloc = \"d1\" }, { iotlb_sync = \"d1\" }, { attach = \"f0\" }", "S012 steps[2] 6"),
        ("{ free = \"d0\", expect = { with = [\"p7\"] } }", "S035 steps[0].expect.with[0] 6"),
        ("{ free = \"d0\", expect = { on = \"p5..p1\" } }", "S036 steps[0].expect.on 6"),
        ("{ free = \"d0\", expect = { on = \"v0..\" } }", "S036 steps[0].expect.on 6"),
    ];
    for (step, expected) in cases {
        let parsed = steps(step);
        assert_eq!(short(&parsed), [expected], "{step}: {:#?}", parsed.diagnostics);
        assert!(explain(parsed.diagnostics[0].code).is_some());
    }
}

#[test]
fn each_mistake_of_the_file_has_its_code() {
    let valid = format!("{HEAD}steps = []\n");
    assert!(parse(&valid).scenario.is_some());
    let replaced = |from: &str, to: &str| short(&parse(&valid.replace(from, to)));
    assert_eq!(short(&parse(" \n# nothing\n")), ["S002  0"]);
    assert_eq!(short(&parse("{}")), ["S002  0"]);
    assert_eq!(short(&parse("{\"schema\": 1,\n x}")), ["S001  2"]);
    assert_eq!(replaced("schema = 1\n", ""), ["S005  0"]);
    assert_eq!(replaced("schema = 1", "schema = 2"), ["S006 schema 1"]);
    assert_eq!(replaced("title = ", "titel = "), ["S012  0", "S010 titel 2"]);
    assert_eq!(replaced("title = \"t\"", "title = \"t"), ["S001  2"]);
    assert_eq!(replaced("[{ name = \"f0\", dma = [0, 1] }]", "[]"), ["S040 functions 3"]);
    assert_eq!(replaced("steps = []", "kernel = \"v5.0\""), ["S034 kernel 5"]);
    assert_eq!(replaced("steps = []", "patches = [\"p0\"]"), ["S035 patches[0] 5"]);
    assert_eq!(replaced("steps = []", "profile = \"kvm\""), ["S024 profile 5"]);
    assert_eq!(replaced("steps = []", "schedule = \"0x3 2\""), ["S037 schedule 5"]);
    assert_eq!(replaced("[\"d0\"]", "[\"d0\", \"d0\"]"), ["S031 domains[1] 4"]);
    assert_eq!(replaced("steps = []", "[expect.domains.d7]"), ["S033 expect.domains.d7 5"]);
    assert_eq!(replaced("steps = []", &"a.".repeat(99)), ["S004  5"]);
    assert_eq!(
        short(&parse(
            "{\"schema\": 1, \"schema\": 1, \"title\": \"\", \"functions\": [{\"name\": \"f\", \"dma\": [1, 0]}]}"
        )),
        ["S011 schema 0"]
    );
}

#[test]
fn limits_have_codes_of_their_own() {
    let many =
        |item: &dyn Fn(usize) -> String, count: usize| (0..count).map(item).collect::<Vec<_>>().join(", ");
    assert_eq!(short(&steps(&many(&|_| "{ probe = \"f0\" }".to_owned(), 10_001))), ["S041 steps 5"]);
    assert_eq!(
        short(&steps(&many(&|i| format!("{{ alloc = \"x{i}\" }}"), 256))),
        ["S043 steps[255].alloc 6"]
    );
    let domains = HEAD.replace("[\"d0\"]", &format!("[{}]", many(&|i| format!("\"d{i}\""), 257)));
    assert_eq!(short(&parse(&domains)), ["S043 domains 4"]);
    let functions = many(&|i| format!("{{ name = \"f{i}\", dma = [0, 1] }}"), 257);
    let functions = HEAD.replace("{ name = \"f0\", dma = [0, 1] }", &functions);
    assert_eq!(short(&parse(&functions)), ["S042 functions 3"]);
    assert_eq!(short(&parse(&" ".repeat((1 << 20) + 1))), ["S003  0"]);
    let mistakes = steps(&many(&|_| "{ probe = \"x\" }".to_owned(), 150));
    assert_eq!(mistakes.diagnostics.len(), 101);
    assert_eq!(mistakes.diagnostics[100].message, "50 more mistakes");
}

#[test]
fn a_mistake_is_shown_with_its_line() {
    let text = format!("{HEAD}steps = [\n  {{ map = 0, phys = 0, szie = \"1 MiB\", size = 0 }},\n]\n");
    let diagnostic = &parse(&text).diagnostics[0];
    assert_eq!(
        diagnostic.render(&text, "a.toml"),
        "a.toml:6:24: error[S010]: unknown key `szie`\n \
         6 |   { map = 0, phys = 0, szie = \"1 MiB\", size = 0 },\n   \
           |                        ^^^^\n \
         = help: did you mean `size`?\n"
    );
    let _ = diagnostic.render("", "");
}

#[test]
fn one_wrong_name_is_one_mistake() {
    let text =
        HEAD.replace("\"f0\"", "\"f 0\"") + "steps = [{ probe = \"f0\" }, { attach = \"f0\", to = \"d0\" }]";
    assert_eq!(short(&parse(&text)), ["S030 functions[0].name 3"]);
}

#[test]
fn a_step_may_name_a_freed_domain() {
    assert!(steps("{ free = \"d0\" }, { iova_to_phys = 0 }").scenario.is_some());
}

#[test]
fn a_name_can_be_allocated_again() {
    let text = "schema = 1\ntitle = \"t\"\nfunctions = [{ name = \"f0\", dma = [0, 1] }]\ndomains = [\"d0\"]\n\
                steps = [{ free = \"d0\" }, { alloc = \"d0\" }, { attach = \"f0\", to = \"d0\" }]\n";
    let parsed = parse(text);
    assert!(parsed.diagnostics.is_empty(), "{:?}", parsed.diagnostics);
}

#[test]
fn a_byte_order_mark_is_no_mistake() {
    let toml = "\u{feff}schema = 1\ntitle = \"t\"\nfunctions = [{ name = \"f0\", dma = [0, 1] }]\n";
    let json =
        "\u{feff}{\"schema\": 1, \"title\": \"t\", \"functions\": [{\"name\": \"f0\", \"dma\": [0, 1]}]}";
    for text in [toml, json] {
        let parsed = parse(text);
        assert!(parsed.scenario.is_some(), "{:?}", parsed.diagnostics);
    }
}

#[test]
fn a_file_of_nothing_but_small_tables_is_refused_before_it_takes_the_memory() {
    let text = format!("a = [{}]", "{b.c.d.e=1},".repeat(80_000));
    let parsed = parse(&text);
    assert!(parsed.scenario.is_none());
    assert!(parsed.diagnostics[0].message.contains("at most 100000"), "{:?}", parsed.diagnostics);
}
