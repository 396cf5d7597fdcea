//! A domain's tables as a tree.

use super::Lab;
use crate::ids::DomainId;
use crate::tree::Tree;

impl Lab {
    /// A domain's tables as a tree of at most `rows` rows; a freed domain shows what its memory holds now.
    pub fn tree(&self, domain: DomainId, rows: usize) -> Tree {
        let world = self.world();
        let tables = world.kernel.domains[domain.index()].tables;
        Tree::read(&world.mem, tables.level, tables.root, rows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::addr::{Iova, IovaRange, Phys};
    use crate::lab::{FunctionSpec, Op};
    use crate::linux::driver::Prot;

    fn lab() -> (Lab, DomainId) {
        let mut lab = Lab::new("p6".parse().unwrap());
        let f0 = lab.add_function(&FunctionSpec::new(
            "f0",
            IovaRange::new(Iova::new(0x1_0000_0000), Iova::new(0x1_ffff_ffff)),
        ));
        let d0 = lab.alloc_domain("d0", f0).unwrap();
        (lab, d0)
    }

    #[test]
    fn runs_fold_and_an_unmapped_page_shows_its_old_frame() {
        let (mut lab, domain) = lab();
        let (iova, phys) = (Iova::new(0x1_0000_0000), Phys::new(0x8000_0000));
        let prot = Prot { read: true, write: true };
        lab.perform(&Op::Map { domain, iova, phys, size: 0x4000, prot });
        lab.perform(&Op::Unmap { domain, iova: Iova::new(0x1_0000_1000), size: 0x1000 });
        let lines = lab.tree(domain, 100).lines();
        let pages: Vec<&str> = lines
            .iter()
            .map(|line| line.trim())
            .skip_while(|line| !line.starts_with("page"))
            .skip(1)
            .take(4)
            .collect();
        assert_eq!(
            pages,
            [
                "0x00 0x80000000 rw 0x100000000 -> 0x80000000",
                "0x01 0x80001400 unmapped 0x100001000 -> 0x80001000",
                "0x02..0x03 0x80002000 rw 0x100002000 -> 0x80002000 x2",
                "0x04..0xff invalid",
            ]
        );
    }

    #[test]
    fn a_limit_is_kept_whatever_the_tables_hold() {
        let (mut lab, domain) = lab();
        for page in 0..64 {
            let (iova, phys) =
                (Iova::new(0x1_0000_0000 + page * 0x1000), Phys::new(0x8000_0000 - page * 0x1000));
            lab.perform(&Op::Map {
                domain,
                iova,
                phys,
                size: 0x1000,
                prot: Prot { read: true, write: false },
            });
        }
        let tree = lab.tree(domain, 20);
        assert!(tree.lines().len() < 30, "{tree}");
        assert!(tree.to_string().contains("more"));
    }
}
