package io.duplex.transport;

import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** Pins the order in which this module's packages stand. */
class ArchitectureTest {
    @Test
    void packagesImportFromLowerOnesOnly() {
        layeredArchitecture()
                .consideringOnlyDependenciesInLayers()
                .layer("tls")
                .definedBy("io.duplex.tls")
                .layer("transport")
                .definedBy("io.duplex.transport")
                .layer("client")
                .definedBy("io.duplex.client")
                .layer("w3c")
                .definedBy("io.duplex.client.w3c")
                .layer("server")
                .definedBy("io.duplex.server")
                .whereLayer("tls")
                .mayNotAccessAnyLayer()
                .whereLayer("transport")
                .mayOnlyAccessLayers("tls")
                .whereLayer("client")
                .mayOnlyAccessLayers("tls", "transport")
                .whereLayer("w3c")
                .mayOnlyAccessLayers("tls", "transport", "client")
                .whereLayer("server")
                .mayOnlyAccessLayers("tls", "transport")
                .check(new ClassFileImporter()
                        .withImportOption(new ImportOption.DoNotIncludeTests())
                        .withImportOption(new ImportOption.DoNotIncludeJars())
                        .importPackages("io.duplex"));
    }
}
