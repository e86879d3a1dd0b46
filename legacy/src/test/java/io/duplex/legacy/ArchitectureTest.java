package io.duplex.legacy;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** Pins what this room may touch. */
class ArchitectureTest {
    @Test
    void otherRoomsAreReachedThroughCoreOnly() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.netty..",
                        "io.duplex.server..",
                        "io.duplex.client..",
                        "io.duplex.transport..",
                        "io.duplex.tls..",
                        "io.duplex.testkit..",
                        "java.net..",
                        "java.nio.channels..")
                .check(new ClassFileImporter()
                        .withImportOption(new ImportOption.DoNotIncludeTests())
                        .importPackages("io.duplex.legacy"));
    }
}
